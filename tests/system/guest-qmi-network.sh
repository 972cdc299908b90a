#!/bin/bash
#
# In the guest: qmi-network sets wwan0 up by itself, with both IP families, fetches files through it, and
# leaves nothing behind: when it is stopped, when it is killed at any point, when the modem crashes.

# shellcheck disable=SC2317  # what follows is called by `check`

. ./guest-lib.sh

device=/dev/cdc-wdm0
states=/run/qmi-network

# network STATUS WORD...: what it says goes to files, and what was wrong is shown.
network() {
	local expected=$1 status=0
	shift
	qmi-network --profile="$folder/conf" "$device" "$@" >"$folder/said" 2>"$folder/warned" || status=$?
	cat "$folder/said" "$folder/warned"
	[ "$status" = "$expected" ]
}

# member NAME: its values in the JSON of status.
member() {
	qmi-network --json --profile="$folder/conf" "$device" status 2>"$folder/warned" |
		sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p"
}

configure() { printf '%s\n' "$@" >"$folder/conf"; }

gateway4() { member gateway | grep -vF : | head -n 1; }
gateway6() { member gateway | grep -F : | head -n 1; }

# Client ids of WDS and WDA that are allocated in the modem.
ids() { ctl clients | tr '{' '\n' | grep -cE '"service": *"?(wds|wda|1|26)"?[,}]'; }
has_ids() { [ "$(ids)" = "$1" ] || { ctl clients; return 1; }; }

interface_is() { [ "$(member name)" = "$1" ] && [ "$(member format)" = "$2" ]; }

have_metric() {
	ip -4 route show default | grep -F "metric $1" && ip -6 route show default | grep -F "metric $1"
}

is_ipv4_alone() { has_ids 1 && ! ip -6 address show dev wwan0 | grep 'inet6 2'; }

later_connected() { sleep 1 && network 0 status; }

clean() {
	has_ids 0 && [ ! -e "$states/qmi-network-state-cdc-wdm0" ] || return
	! ip address show dev wwan0 | grep -E 'inet |inet6 2' &&
		! ip -4 route show dev wwan0 | grep . && ! ip -6 route show dev wwan0 | grep -v ^fe80 &&
		ip link show dev wwan0 | grep -v 'UP' | grep -F wwan0 && ! grep -F wwan0 /etc/resolv.conf
}

# fetches ADDRESS [FILE]
fetches() {
	http_get "$1" 8084 "${2-random}" >"$folder/fetched" && cmp "$folder/fetched" "/run/www-qn/${2-random}"
}

works() { fetches "$(gateway4)" short; }

works_well() {
	ping -c 2 -i 0.2 -W 5 "$(gateway4)" && fetches "$(gateway4)"
}

is_whole() {
	ip link show dev wwan0 | grep -F UP && ip -4 address show dev wwan0 | grep -F inet &&
		ip -4 route show default | grep -F 'dev wwan0' && [ "$(cat /sys/class/net/wwan0/qmi/raw_ip)" = Y ]
}

# A resolvconf that does what the real one does, for machines that have neither it nor systemd-resolved.
make_resolvconf() {
	cat >/usr/sbin/resolvconf <<-'END'
		#!/bin/sh
		case $1 in
		-a)
			[ -e /etc/resolv.old ] || mv /etc/resolv.conf /etc/resolv.old
			{ echo "# $2"; cat; } >/etc/resolv.conf
			;;
		-d) mv /etc/resolv.old /etc/resolv.conf ;;
		esac
	END
	chmod 755 /usr/sbin/resolvconf
}

resolves() { getent ahostsv4 test.example | grep -F "$(gateway4)"; }

# killed AFTER SIGNAL: a start that is hit after so many seconds leaves nothing, or, hit by KILL, nothing
# that stop does not find.
killed() {
	local pid status=0
	qmi-network --profile="$folder/conf" "$device" start >"$folder/said" 2>&1 &
	pid=$!
	sleep "$1"
	kill -"$2" "$pid" 2>/dev/null
	wait "$pid" || status=$?
	cat "$folder/said"
	echo "status $status after $1 s"
	if [ "$2" = KILL ] || [ "$status" = 0 ]; then
		qmi-network --profile="$folder/conf" "$device" stop || return
	fi
	# An id whose number was on its way in the moment of death nobody knows; a broker would.
	if [ "$2" = KILL ] && [ "$(ids)" = 1 ]; then
		/usr/bin/qmicli --device-open-qmi --device-open-sync -d "$device" --dms-noop
	fi
	clean
}

all_killed() {
	local after
	for after in 0 0.05 0.1 0.2 0.3 0.5; do
		killed "$after" "$1" || return
	done
}

gone() { [ ! -e "$device" ]; }

replugged() { [ -c "$device" ] && [ -e /sys/class/net/wwan0 ]; }

modprobe -a vhci_hcd qmi_wwan option
systemctl stop ModemManager NetworkManager
mkdir -p /run/www-qn
head -c 10000000 /dev/urandom >/run/www-qn/random
head -c 100000 /run/www-qn/random >/run/www-qn/short
serve '[::]:8084' /run/www-qn
configure APN=internet
starts 'qmi-sim plugs a modem in' --usb --warm --time-scale 0.1 --control "$control"
or_end 'its QMI port is there' within 30 replugged
check 'status: there is no connection' network 64 status
check 'it says so' grep -Fx 'Status: disconnected' "$folder/said"

or_end 'start' network 0 start
check 'it says what it did' grep -Fx 'Network started successfully' "$folder/said"
check 'without resolvconf it names the servers' grep -F '8.8.4.4' "$folder/warned"
check 'the interface is set up' is_whole
check 'its gateway answers, and 10 MB arrive unharmed' works_well
check 'status: connected' network 0 status
check 'the JSON of status has the interface' interface_is wwan0 raw-ip
check 'one client id is allocated' has_ids 1
check 'start again: it is started' network 0 start
check 'it says that' grep -Fx 'Network already started' "$folder/said"
check 'one client id still' has_ids 1
ip link set wwan0 down
ip address flush dev wwan0
check 'start repairs what somebody broke' network 0 start
check 'it is whole again' is_whole
check 'and works' works
check 'stop' network 0 stop
check 'nothing is left' clean
check 'stop again is fine' network 0 stop

configure APN=internet IP_TYPE=46 METRIC=50
make_resolvconf
or_end 'start with both families' network 0 start
check 'IPv4 works' works
check 'the gateway of IPv6 answers' ping -6 -c 2 -i 0.2 -W 5 "$(gateway6)"
check '10 MB arrive unharmed by IPv6' fetches "$(gateway6)"
check 'routes have the metric' have_metric 50
check 'the modem knows a name' ctl dns test.example "$(gateway4)"
check 'it resolves' within 5 resolves
check 'status' network 0 status
check 'of both' test "$(grep -cE '^    IPv[46]: connected$' "$folder/said")" = 2
configure APN=internet IP_TYPE=4
check 'start when the configuration wants IPv4 alone' network 0 start
check 'IPv6 is gone' is_ipv4_alone
check 'IPv4 works on' works
check 'stop' network 0 stop
check 'nothing is left' clean

configure APN=ipv4.test IP_TYPE=46
check 'where the network has no IPv6, IPv4 is enough' network 0 start
check 'there is a note' grep -F 'ipv4-only-allowed' "$folder/warned"
check 'stop' network 0 stop
check 'nothing is left' clean
configure APN=no.such.invalid
check 'a call that is refused' network 2 start
check 'the reason is told' grep -F 'unknown-apn' "$folder/warned"
check 'nothing is left' clean
configure APN=internet PROFILE=auto
check 'start with a profile made for it' network 0 start
check 'it works' works
check 'stop' network 0 stop
check 'nothing is left' clean

configure APN=internet
check 'interrupted at any point, nothing is left' all_killed INT
check 'killed at any point, stop leaves nothing' all_killed KILL

or_end 'start' network 0 start
check 'the network drops the call' ctl data-drop
check 'status: it is gone' within 5 network 64 status
check 'start brings it back' network 0 start
check 'it works' works

check 'the modem crashes' ctl crash
check 'it is off the bus' within 30 gone
check 'stop without a modem' network 0 stop
or_end 'the modem is back' within 60 replugged
or_end 'start' within 30 network 0 start
check 'the modem crashes with a network up' ctl crash
check 'it is off the bus' within 30 gone
or_end 'it is back' within 60 replugged
check 'status notices' within 30 network 64 status
check 'start again' within 30 network 0 start
check 'it says that the old ids are void' grep -F 'void' "$folder/warned"
check 'it works' works
check 'stop' network 0 stop
check 'nothing is left' clean

configure APN=internet PROXY=yes
or_end 'start through qmi-proxy' network 0 start
check 'it works' works
check 'the call is up while nobody is connected' later_connected
check "Debian's qmicli works beside it" /usr/bin/qmicli -p -d "$device" --dms-get-model
check 'start again' network 0 start
check 'it says that' grep -Fx 'Network already started' "$folder/said"
check 'stop' network 0 stop
check 'nothing is left' clean
configure APN=internet
check 'a proxy that runs is used' network 0 start
check 'it works' works
check 'stop' network 0 stop
check 'nothing is left' clean
check 'the broker that was started is ended' pkill -x qmi-proxy
check 'the drivers have nothing to complain of' no_complaint
kill "$sim"
rm /usr/sbin/resolvconf
end
