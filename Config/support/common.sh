# What Config/demo, Config/test and .ci/run have in common. Sourced by bash, with the repository as working directory.

# Debian packages by what they give: building (libraries, and what the Swift toolchain links with), and the scripts.
BUILD_PACKAGES=(libsodium-dev libncurses-dev libsystemd-dev libsqlite3-dev pkg-config binutils libc6-dev libstdc++-12-dev zlib1g-dev git ca-certificates tzdata)
SCRIPT_PACKAGES=(python3 python3-cryptography)
# The kill tests build a small library in C; sleep and notifications have a bus of their own; completion is tried in the shells, the
# manual under man; the screen is driven in tmux.
TEST_PACKAGES=(gcc dbus-daemon python3-dbus python3-gi zsh fish man-db tmux)

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s\n' "error: $1" >&2
    [ $# -lt 2 ] || printf '%s\n' "hint: $2" >&2
    exit 1
}

# Installs those Debian packages that are missing; says so before.
need_packages() {
    if ! command -v dpkg-query >/dev/null; then
        say "no Debian package manager here: $* must be there under whatever names"
        return
    fi
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing Debian packages: ${missing[*]}"
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "not root and no sudo" "as root: apt-get install ${missing[*]}"
        root=(sudo)
    fi
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
        </dev/null >/dev/null
}

# The toolchain is not ours to install.
need_swift() {
    local version
    command -v swift >/dev/null || fail "there is no Swift toolchain in PATH" \
        "install Swift 6.3 as https://www.swift.org/install/linux says, and add its usr/bin to PATH"
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
    case $version in
        6.[3-9] | 6.[1-9][0-9] | [7-9].* | [1-9][0-9].*) ;;
        *) fail "Swift 6.3 is needed, this is ${version:-unknown}" "install it as https://www.swift.org/install/linux says" ;;
    esac
}

# Sets PYTHON to an interpreter of 3.11 or later that has the package `cryptography`: the one in PATH, or Debian's.
need_python() {
    for PYTHON in python3 /usr/bin/python3; do
        if "$PYTHON" -c 'import sys, cryptography; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then return; fi
    done
    fail "no Python 3.11 with the package cryptography" "apt-get install python3-cryptography, or pip install cryptography"
}

# build CONFIGURATION PRODUCT…: what people run has Swift's own libraries inside: one file to copy, and half the time to start.
build() {
    local configuration=$1 product flags=()
    shift
    [ "$configuration" != release ] || flags=(--static-swift-stdlib)
    for product in "$@"; do swift build -c "$configuration" "${flags[@]}" --product "$product"; done
}

# stage NAME COMMAND…: runs it, and says how long it took. STAGES collects the lines for a summary.
STAGES=()
stage() {
    local name=$1 started=$SECONDS status
    shift
    say "== $name"
    # Not `"$@" || …`: bash would then go on after a failure in the middle of a function.
    set +e
    (
        set -e
        "$@"
    )
    status=$?
    set -e
    local line
    line=$(printf '%-34s %s  %4d s' "$name" "$([ "$status" -eq 0 ] && echo ok || echo FAILED)" $((SECONDS - started)))
    STAGES+=("$line")
    say "-- $line"
    say
    return "$status"
}

summary() {
    say "== $1"
    [ ${#STAGES[@]} -eq 0 ] || printf '%s\n' "${STAGES[@]}"
}
