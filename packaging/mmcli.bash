# Completion of mmcli for bash: options as --help-all lists them, and the modems of the daemon for -m.

_mmcli()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}

	[ "$before" != "=" ] || before=${COMP_WORDS[COMP_CWORD - 2]}
	[ "$word" != "=" ] || word=
	COMPREPLY=()
	case $before in
	-m | --modem)
		mapfile -t COMPREPLY < <(compgen -W "any $(mmcli -L -K 2>/dev/null |
			sed -n 's|.*value.* : .*/Modem/||p')" -- "$word")
		return
		;;
	-G | --set-logging)
		mapfile -t COMPREPLY < <(compgen -W 'ERR WARN MSG INFO DEBUG' -- "$word")
		return
		;;
	--messaging-create-sms-with-data | --messaging-create-sms-with-text | --create-file-with-data | \
		--location-inject-assistance-data | --cdma-activate-manual-with-prl)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$(mmcli --help-all | sed -n 's/^  \(-., \)\?\(--[a-z0-9-]*\).*/\2/p')" -- "$word")
}

complete -F _mmcli mmcli
