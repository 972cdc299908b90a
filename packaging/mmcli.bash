# Completion of mmcli for bash: options and their plain values as --help-all lists them, keys of lists, and what the
# daemon has: modems and their objects. It looks at the line alone, since bash cuts words at = and | as well.

# The keys of --OPTION=KEY=VALUE,...
_mmcli_keys()
{
	local bearer='apn ip-type apn-type allowed-auth user password access-type-preference roaming-allowance'
	bearer+=' profile-id profile-name profile-enabled profile-source allow-roaming rm-protocol multiplex force'

	case $1 in
	--simple-connect) echo "$bearer pin operator-id" ;;
	--create-bearer | --3gpp-set-initial-eps-bearer-settings | --3gpp-profile-manager-set) echo "$bearer" ;;
	--3gpp-profile-manager-delete) echo 'profile-id apn-type' ;;
	--3gpp-set-nr5g-registration-settings) echo 'mico-mode drx-cycle' ;;
	--messaging-create-sms)
		echo 'number text data smsc validity class delivery-report-request teleservice-id service-category'
		;;
	--voice-create-call) echo 'number dtmf-tone-duration' ;;
	--signal-setup-thresholds) echo 'rssi-threshold error-rate-threshold' ;;
	--report-kernel-event) echo 'action name subsystem uid' ;;
	--cdma-activate-manual) echo 'spc sid mdn min mn-ha-key mn-aaa-key prl' ;;
	esac
}

# The values of a key.
_mmcli_values()
{
	case $1 in
	ip-type) echo 'ipv4 ipv6 ipv4v6 non-ip' ;;
	allowed-auth) echo 'none pap chap mschap mschapv2 eap' ;;
	apn-type) echo 'initial default ims mms management voice emergency private purchase video-share local app xcap tethering' ;;
	allow-roaming | profile-enabled | force | delivery-report-request | error-rate-threshold) echo 'yes no' ;;
	roaming-allowance) echo 'none home partner non-partner' ;;
	access-type-preference) echo 'none 3gpp-only 3gpp-preferred non-3gpp-only' ;;
	multiplex) echo 'none requested required' ;;
	mico-mode) echo 'unsupported disabled enabled' ;;
	action) echo 'add remove' ;;
	subsystem) echo 'tty usbmisc net rpmsg wwan' ;;
	esac
}

# The values of an option whose help names none.
_mmcli_words()
{
	case $1 in
	--set-current-capabilities) echo 'pots cdma-evdo gsm-umts lte iridium 5gnr tds any' ;;
	--set-allowed-modes | --set-preferred-mode) echo '2g 3g 4g 5g any' ;;
	--set-default-storage | --store-in-storage) echo 'sm me mt sr bm ta' ;;
	--oma-setup) echo 'device-provisioning prl-update hands-free-activation' ;;
	--oma-start-client-initiated-session)
		echo 'client-initiated-device-configure client-initiated-prl-update client-initiated-hands-free-activation'
		;;
	esac
}

# _mmcli_indices NAME OPTION...: of the objects below /NAME/ that mmcli shows of each modem.
_mmcli_indices()
{
	local name=$1 modem
	shift
	mmcli -L -K 2>/dev/null | sed -n 's|.*value.* : .*/Modem/||p' | while read -r modem; do
		[ "$name" != Modem ] || echo "$modem"
		[ "$name" = Modem ] || mmcli -m "$modem" -K "$@" 2>/dev/null | sed -n "s|.* : .*/$name/||p"
	done | sort -u
}

# The daemon's objects that an option may name.
_mmcli_objects()
{
	case $1 in
	-m | --modem) echo "any $(_mmcli_indices Modem)" ;;
	-i | --sim) echo "any $(_mmcli_indices SIM)" ;;
	-b | --bearer | --delete-bearer) _mmcli_indices Bearer ;;
	-s | --sms | --messaging-delete-sms) _mmcli_indices SMS --messaging-list-sms ;;
	-o | --call | --voice-delete-call) _mmcli_indices Call --voice-list-calls ;;
	--cbm | --cell-broadcast-delete-cbm) _mmcli_indices CBM --cell-broadcast-list-cbm ;;
	esac
}

# What may follow --OPTION= in its value so far; each beginning is kept.
_mmcli_value()
{
	local option=$1 value=$2 kept='' last words
	words=$(_mmcli_keys "$option")
	if [ -n "$words" ]; then
		last=${value##*,}
		kept=${value%"$last"}
		case $last in
		*=*)
			words=$(_mmcli_values "${last%%=*}")
			kept+=${last%%=*}=
			last=${last#*=}
			;;
		*) words=${words// /= }= ;;
		esac
	else
		words=$(_mmcli_words "$option")
		# --set-logging=ERR|WARN|...
		[ -n "$words" ] || words=$(mmcli --help-all | sed -n "s/^ .*$option=\([A-Za-z0-9|-]*\) .*/\1/p" |
			sed -n '/PATH/!s/.*|.*/&/p' | tr '|' ' ')
		words+=" $(_mmcli_objects "$option")"
		last=${value##*'|'}
		kept=${value%"$last"}
	fi
	compgen -P "$kept" -W "$words" -- "$last"
}

_mmcli_takes_value()
{
	mmcli --help-all | grep -q "^  \(-., \)\?$1=\|^  $1, --[a-z-]*="
}

_mmcli()
{
	local line=${COMP_LINE:0:COMP_POINT} word option='' value words
	read -ra words <<<"$line"
	word=${line##*[[:space:]]}
	case $word in
	--*=*)
		option=${word%%=*}
		value=${word#*=}
		;;
	*)
		value=$word
		[ -n "$word" ] && option=${words[-2]} || option=${words[-1]}
		;;
	esac
	COMPREPLY=()
	case $option in
	--messaging-create-sms-with-data | --messaging-create-sms-with-text | --create-file-with-data | \
		--location-inject-assistance-data | --cdma-activate-manual-with-prl)
		mapfile -t COMPREPLY < <(compgen -f -- "$value")
		return
		;;
	-G) option=--set-logging ;;
	esac
	[ "${option#-}" = "$option" ] || mapfile -t COMPREPLY < <(_mmcli_value "$option" "$value")
	if [ ${#COMPREPLY[@]} = 0 ] && [ "${word#*=}" = "$word" ] && ! _mmcli_takes_value "$option"; then
		mapfile -t COMPREPLY < <(compgen -W "$(mmcli --help-all |
			sed -n 's/^  \(-., \)\?\(--[a-z0-9-]*=\?\).*/\2/p')
			$(mmcli --help | sed -n 's/^  \(--help-[a-z0-9-]*\).*/\1/p')" -- "$word")
	fi
	# A value that goes on has no space behind it.
	[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null
	# Bash replaces what is behind the last character at which it cuts words.
	[[ $value != *[=:\|]* || $COMP_WORDBREAKS != *=* ]] || COMPREPLY=("${COMPREPLY[@]#"${value%"${value##*[=:|]}"}"}")
}

complete -F _mmcli mmcli
