# What Config/demo, Config/test and .ci/run have in common. Sourced by bash, with the repository as working directory.

# Debian packages by what they give: building (libraries, and what the Swift toolchain links with), and the scripts.
BUILD_PACKAGES=(libsodium-dev libncurses-dev libsystemd-dev libsqlite3-dev pkg-config binutils libc6-dev libstdc++-12-dev zlib1g-dev git ca-certificates tzdata)
SCRIPT_PACKAGES=(python3 python3-cryptography)
# The kill tests build a small library in C; sleep and notifications have a bus of their own; completion is tried in the shells, the
# manual under man; the screen is driven in tmux; reports are opened and printed by a browser (126 MB);
# push services and clients over HTTP/2 are played in Python, and independent implementations live in a place of their own; Go's
# packages of logs read ours (43 MB with gccgo, 81 MB with golang-go).
TEST_PACKAGES=(gcc dbus-daemon python3-dbus python3-gi zsh fish man-db tmux
    python3-h2 python3-venv gccgo-go golang-golang-x-mod-dev chromium poppler-utils)

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

# Puts the independent implementations that tests compare with into .build/peers, once for each list of them.
need_peers() {
    local peers=.build/peers list=Config/support/peers.txt bare=Config/support/peers-as-they-are.txt
    if cat "$list" "$bare" | cmp -s - "$peers/installed.txt"; then return; fi
    say "installing Python packages into $peers: $(cat "$list" "$bare" | grep -v '^#' | tr '\n' ' ')"
    rm -rf "$peers"
    mkdir -p .build
    "$PYTHON" -m venv "$peers"
    "$peers/bin/pip" install --quiet --disable-pip-version-check -r "$list"
    "$peers/bin/pip" install --quiet --disable-pip-version-check --ignore-requires-python --no-deps -r "$bare"
    cat "$list" "$bare" > "$peers/installed.txt"
}

# Builds the reader of logs that is not ours into .build/second_reader, once for each state of its source.
need_second_reader() {
    local source=Clients/verify/second_reader.go place=.build/second_reader
    if cmp -s "$source" "$place/second_reader.go" && [ -x "$place/second_reader" ]; then return; fi
    command -v go >/dev/null || fail "there is no Go compiler" "apt-get install gccgo-go golang-golang-x-mod-dev"
    rm -rf "$place"
    mkdir -p "$place"
    GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE="$PWD/$place/cache" go build -o "$place/second_reader" "$source"
    cp "$source" "$place/second_reader.go"
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
