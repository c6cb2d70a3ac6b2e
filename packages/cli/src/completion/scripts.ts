import type { Shell } from "./shells.ts";
import { COMMANDS, FILE_COMMANDS, optionsOf, VALUE_OPTIONS } from "./table.ts";

const NAMES = [...COMMANDS.keys()];
const WITH_OPTIONS = NAMES.filter((name) => optionsOf(name).length > optionsOf(undefined).length);

/** Commands, options and files are completed by the script alone; for names it asks `hubbub __complete`. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

/** `case` lines with the options of each command. */
function optionCases(answer: (options: string) => string): string {
  const cases = WITH_OPTIONS.map((name) => `    ${name}) ${answer(optionsOf(name).join(" "))} ;;`);
  return [...cases, `    *) ${answer(optionsOf(undefined).join(" "))} ;;`].join("\n");
}

/** The command is the first word that is neither an option nor the value of one. */
const FIND_COMMAND = `  for word in "\${before[@]}"; do
    if [[ -n $value ]]; then value=; continue; fi
    case $word in
      ${VALUE_OPTIONS.join("|")}) value=1 ;;
      -*) ;;
      *) command=$word; break ;;
    esac
  done`;

// What others have named is never expanded: a room may be called $(date).
const bash = () => `# Completion of hubbub for bash. In ~/.bashrc: source <(hubbub completion bash)
_hubbub() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before=("\${COMP_WORDS[@]:1:COMP_CWORD-1}") word value= command= options name
  COMPREPLY=()
${FIND_COMMAND}
  if [[ $cur == -* ]]; then
    case $command in
${optionCases((options) => `options="${options}"`)}
    esac
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
    return
  fi
  case $command in
    "") if [[ -z $value ]]; then
      COMPREPLY=($(compgen -W "${NAMES.join(" ")}" -- "$cur"))
      return
    fi ;;
    ${FILE_COMMANDS.join("|")}) if [[ "\${before[*]: -1}" != --* ]]; then
      compopt -o default 2> /dev/null
      return
    fi ;;
  esac
  cur=\${cur//[\\\\\\"\\']/}
  while IFS= read -r name; do
    COMPREPLY+=("$(printf %q "$name")")
  done < <(hubbub __complete "\${before[@]}" "$cur" 2> /dev/null)
}
complete -F _hubbub hubbub
`;

const zsh = () => `#compdef hubbub
# Completion of hubbub for zsh. In ~/.zshrc behind compinit: source <(hubbub completion zsh)
_hubbub() {
  local cur=\${words[CURRENT]} word value= command=
  local -a before found
  before=("\${(@Q)words[2,CURRENT-1]}")
${FIND_COMMAND}
  if [[ $cur == -* ]]; then
    case $command in
${optionCases((options) => `compadd -- ${options}`)}
    esac
    return
  fi
  case $command in
    "") if [[ -z $value ]]; then
      compadd -- ${NAMES.join(" ")}
      return
    fi ;;
    ${FILE_COMMANDS.join("|")}) if [[ \${before[-1]} != --* ]]; then
      _files
      return
    fi ;;
  esac
  found=("\${(@f)$(hubbub __complete "\${before[@]}" "\${(Q)cur}" 2> /dev/null)}")
  found=("\${(@)found:#}")
  (( \${#found} )) && compadd -- "\${found[@]}"
}
compdef _hubbub hubbub
`;

const fish = () => `# Completion of hubbub for fish. In ~/.config/fish/config.fish: hubbub completion fish | source
function __hubbub_command
  set -l value
  for word in (commandline -opc)[2..]
    if test -n "$value"
      set value
    else if contains -- $word ${VALUE_OPTIONS.join(" ")}
      set value 1
    else if not string match -q -- '-*' $word
      echo $word
      return 0
    end
  end
  test -n "$value"
end
function __hubbub_names
  hubbub __complete (commandline -opc)[2..] (commandline -ct) 2> /dev/null
end
function __hubbub_is
  contains -- (__hubbub_command; or echo none) $argv
end
complete -c hubbub -f
complete -c hubbub -n '__hubbub_is none' -a '${NAMES.join(" ")}'
complete -c hubbub -n 'not __hubbub_is none' -a '(__hubbub_names)'
complete -c hubbub -n '__hubbub_is ${FILE_COMMANDS.join(" ")}' -F
${optionsOf(undefined)
  .map((option) => fishOption(option, ""))
  .join("\n")}
${WITH_OPTIONS.flatMap((name) =>
  optionsOf(name)
    .filter((option) => !optionsOf(undefined).includes(option))
    .map((option) => fishOption(option, ` -n '__hubbub_is ${name}'`)),
).join("\n")}
`;

function fishOption(option: string, when: string): string {
  const value = VALUE_OPTIONS.includes(option) ? " -x -a '(__hubbub_names)'" : "";
  return `complete -c hubbub${when} -l ${option.slice(2)}${value}`;
}
