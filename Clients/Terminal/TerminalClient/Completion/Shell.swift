import ArgumentParser

/// A shell for which there is a completion script.
enum Shell: String, CaseIterable, ExpressibleByArgument, Sendable {
    case bash, zsh, fish

    /// Where the script goes, for one user, and what to do once.
    var installation: String {
        switch self {
        case .bash: "nightbell completions bash > ~/.local/share/bash-completion/completions/nightbell"
        case .zsh: "nightbell completions zsh > DIR/_nightbell, for a DIR of your fpath, before compinit"
        case .fish: "nightbell completions fish > ~/.config/fish/completions/nightbell.fish"
        }
    }

    /// A script that asks the program (``CompletionAnswer``) what may stand at the cursor, and shows nothing when it does
    /// not answer.
    var script: String {
        switch self {
        case .bash: Self.bashScript
        case .zsh: Self.zshScript
        case .fish: Self.fishScript
        }
    }

    private static let bashScript = #"""
        # Completion of nightbell for bash: the program says what may stand at the cursor.
        _nightbell() {
            local reply candidate
            COMPREPLY=()
            mapfile -t reply < <("$1" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
            case ${reply[0]-} in
                files)
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]#=}") ;;
                directories)
                    compopt -o filenames 2>/dev/null
                    mapfile -t COMPREPLY < <(compgen -d -- "${COMP_WORDS[COMP_CWORD]#=}") ;;
                words)
                    for candidate in "${reply[@]:1}"; do
                        candidate=${candidate%%$'\t'*}
                        # Within quotation marks a blank is no end; elsewhere it must not be one.
                        [[ ${COMP_WORDS[COMP_CWORD]} == [\"\']* ]] || printf -v candidate %q "$candidate"
                        COMPREPLY+=("$candidate")
                    done ;;
            esac
        }
        complete -F _nightbell nightbell

        """#

    private static let zshScript = #"""
        #compdef nightbell
        # Completion of nightbell for zsh: the program says what may stand at the cursor.
        _nightbell() {
            local -a reply described
            local candidate
            reply=("${(@f)$("${(Q)words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
            case ${reply[1]-} in
                files) [[ $PREFIX == --*=* ]] && compset -P '*='; _files ;;
                directories) [[ $PREFIX == --*=* ]] && compset -P '*='; _files -/ ;;
                words)
                    for candidate in "${(@)reply[2,-1]}"; do
                        if [[ $candidate == *$'\t'* ]]; then
                            described+=("${${candidate%%$'\t'*}//:/\\:}:${candidate#*$'\t'}")
                        else
                            described+=("${candidate//:/\\:}")
                        fi
                    done
                    (( $#described )) && _describe nightbell described ;;
            esac
        }
        if [[ ${funcstack[1]} == _nightbell ]]; then _nightbell "$@"; else compdef _nightbell nightbell; fi

        """#

    private static let fishScript = #"""
        # Completion of nightbell for fish: the program says what may stand at the cursor.
        function __nightbell_complete
            set -l words (commandline -opc)
            set -l typed (commandline -ct)
            set -l reply ($words[1] __complete $words[2..-1] "$typed" 2>/dev/null)
            switch "$reply[1]"
                case files
                    __fish_complete_path "$typed"
                case directories
                    __fish_complete_directories "$typed"
                case words
                    test (count $reply) -gt 1; and printf '%s\n' $reply[2..-1]
            end
        end
        complete -c nightbell -f -a '(__nightbell_complete)'

        """#
}
