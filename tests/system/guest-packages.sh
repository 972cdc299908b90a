#!/bin/bash
#
# In the guest: our Debian packages over Debian's, with apt, on a running system: Debian's ModemManager has a bearer up,
# a conffile of it was changed, and somebody's broker is there. They are installed, upgraded, removed, and Debian's come
# back; then the same where neither systemd nor polkit is. NetworkManager stays throughout.

# The functions below are called by `check`, and by the commands of the table.
# shellcheck disable=SC2317

. ./guest-lib.sh
. ./guest-packages-lib.sh

policy=/etc/dbus-1/system.d/org.freedesktop.ModemManager1.conf
newer=/var/tmp/newer

sorts_above() { dpkg --compare-versions "$(dpkg-query -W -f '${Version}' "$1")" gt "$2"; }

unharmed() { [ -z "$(dpkg --audit | tee /dev/stderr)" ] && ! systemctl --failed --no-legend | grep -i -e modem -e qmi; }

said_by_apt() { grep -F "$1" "$folder/apt" || { tail -n 60 "$folder/apt"; return 1; }; }

# What apt does, and what it says meanwhile.
with_apt() { apt_get "$@" >"$folder/apt" 2>&1 || { tail -n 60 "$folder/apt"; return 1; }; }

quiet_apt() { ! grep -E '^(E|Err|dpkg: (error|warning)|Failed|Job for|rm:|ln:|sh:)' "$folder/apt"; }

pid_of() { systemctl show -P MainPID "$1"; }

another() { [ "$(pid_of "$1")" != 0 ] && [ "$(pid_of "$1")" != "$2" ]; }

broker_listens() { systemctl is-active qmi-proxy.socket && grep -q '@qmi-proxy$' /proc/net/unix; }

bearer() { find_modem && value 'modem.generic.bearers.value[1]'; }

nothing_left() {
	! find /usr/bin/{qmicli,mmcli,qmi-network,qmi-trace,qmi-proxy,qmi-sim} /usr/sbin/ModemManager \
		/lib/systemd/system/{ModemManager,qmi-proxy}* /var/lib/ModemManager 2>/dev/null | grep .
}

# The packages with a later version: what a newer build of ours is to apt.
make_newer() {
	local deb tree=$folder/tree
	mkdir -p "$newer"
	for deb in "$repository"/*.deb; do
		rm -rf "$tree"
		dpkg-deb -R "$deb" "$tree" &&
			sed -i '/^Version:/s/$/.1/; s/\((= [^)]*\))/\1.1)/' "$tree/DEBIAN/control" &&
			dpkg-deb -b "$tree" "$newer" >/dev/null || return
	done
	(cd "$newer" && for deb in *.deb; do describe "$deb"; done >Packages)
}

# The entry of a package in an index.
describe() {
	dpkg-deb -f "$1" && printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$1" "$(stat -c %s "$1")" \
		"$(sha256sum "$1" | cut -d' ' -f1)"
}

is_newer() { dpkg-query -W -f '${Version}\n' libqmikit0 libqmi-utils libqmi-proxy modemmanager | grep -vc '\.1$' | grep -x 0; }

# field NAME: that of all our packages, but for what they say of one another.
field() {
	local deb
	for deb in "$repository"/*.deb; do dpkg-deb -f "$deb" "$1"; done | tr -s ',|' '\n' | sed 's/^ *//; /^$/d' |
		grep -vE '^(lib)?(qmi-?(kit|sim|utils|proxy|glib0)|modemmanager)' | sort -u
}

# What a package needs of others is in Debian 12 and in Ubuntu 24.04, of these versions at least.
needs_nothing_newer() {
	local name version have
	declare -A has=([libc6]=2.36 [libinih1]=53 [libjansson4]=2.14 [libmnl0]=1.0.4 [libslirp0]=4.7.0 [libsystemd0]=252)
	field Depends | grep -F '>=' | tee /dev/stderr | while read -r name _ version; do
		have=${has[$name]-}
		if [ -z "$have" ] || dpkg --compare-versions "${version%)}" gt "$have"; then
			echo "$name $version"
			return 1
		fi
	done
}

test_metadata() {
	check 'they conflict with nothing' [ -z "$(field Conflicts)$(field Breaks)" ]
	check 'they need nothing newer than Debian 12 and Ubuntu 24.04 have' needs_nothing_newer
}

test_install() {
	echo '<!-- changed -->' >>"$policy"
	echo 'APN=mine' >/etc/qmi-network.conf
	# Debian's daemon has started one; otherwise this is the first
	setsid /usr/libexec/qmi-proxy --no-exit >"$folder/broker" 2>&1 </dev/null &
	check 'a broker of libqmi is there' within 10 grep -q '@qmi-proxy$' /proc/net/unix
	or_end "the guide's packages install over Debian's" with_apt install "${packages[@]}"
	check 'apt has no complaint' quiet_apt
	check 'it says that a changed conffile is kept aside' said_by_apt "Obsolete conffile '$policy' has been modified by you."
	check 'which is there' grep -F changed "$policy.dpkg-old"
	check 'and has no say any more' test ! -e "$policy"
	check "the administrator's file is as it was" grep -Fx 'APN=mine' /etc/qmi-network.conf
	check 'all are ours' ours "${packages[@]}" libqmikit0
	check 'libqmi-utils sorts above Ubuntu 24.04' sorts_above libqmi-utils 1.35.2-0ubuntu2
	check 'modemmanager sorts above Ubuntu 24.04' sorts_above modemmanager 1.23.4-0ubuntu2
	check 'NetworkManager, libmm-glib0 and libqmi-glib5 are still installed' \
		installed network-manager libmm-glib0 libqmi-glib5
	check 'our daemon runs in the place of theirs' within 20 runs ModemManager /usr/sbin/ModemManager
	check 'it is ours' eval 'mmcli --version | grep "^mmcli 0"'
	check "the broker's socket listens" within 10 broker_listens
	check 'NetworkManager is connected again' within 120 connected
	check 'qmicli works beside it' qmicli -d /dev/cdc-wdm0 -p --dms-get-model
	check 'the folders of configuration are there' test -d /etc/ModemManager/connection.d
	check 'nothing failed, no package is half done' unharmed
}

test_upgrade() {
	local daemon broker before began
	check 'there is a newer build' make_newer
	check 'apt knows it' sources "$newer" "$archive"
	daemon=$(pid_of ModemManager) broker=$(pid_of qmi-proxy.service) before=$(bearer)
	began=$EPOCHREALTIME
	check 'it is an upgrade' with_apt dist-upgrade
	check 'apt has no complaint' quiet_apt
	check 'all are newer' is_newer
	check 'the daemon is the new one' within 20 another ModemManager "$daemon"
	check 'and the broker' within 20 another qmi-proxy.service "$broker"
	check 'NetworkManager is connected again' within 120 connected
	echo "# upgraded and connected again after $(seconds_since "$began") s"
	check 'nothing failed, no package is half done' unharmed
	check 'they install again' with_apt install --reinstall "${packages[@]}"
	check 'NetworkManager is connected again' within 120 connected
	echo "# the bearer before was $before, it is $(bearer)"
}

test_back() {
	check 'ours are removed, Debian'\''s come back' back_to_debians
	check 'they are Debian'\''s' theirs modemmanager libqmi-utils libqmi-proxy
	check 'with the policy of Debian'\''s daemon' grep -F ModemManager1 "$policy"
	check 'NetworkManager stays' installed network-manager
	check 'Debian'\''s daemon runs' within 20 runs ModemManager /usr/sbin/ModemManager
	check 'NetworkManager is connected by it' within 120 connected
	check "the administrator's file is as it was" grep -Fx 'APN=mine' /etc/qmi-network.conf
	check 'ours again' sources "$repository" "$archive"
	check 'for a moment' with_apt install "${packages[@]}" qmi-sim
	check 'a virtual modem comes from its package' eval 'qmi-sim --version && atfwd_daemon --version'
	check 'and are purged' with_apt purge "${packages[@]}" qmi-sim libqmikit0
	check 'nothing of ours is left' nothing_left
	check 'NetworkManager stays' installed network-manager
	check 'without our repository' sources "$archive"
	check 'Debian'\''s are installed at last' with_apt install modemmanager libqmi-utils
	check 'and are Debian'\''s' theirs modemmanager libqmi-utils libqmi-proxy
}

# In a copy of this system, of which nothing runs: a container without systemd, then without polkit too.
make_container() {
	local root=$1 node
	mkdir -p "$root" && tar -C / --one-file-system --exclude=./var/tmp --exclude=./run -cf - . | tar -C "$root" -xf - || return
	mkdir -p "$root"/{var/tmp,run}
	cp -r /opt/qmikit "$root/opt/" && cp guest-packages-lib.sh guest-inside-container "$root/root/" || return
	for node in 'null 1 3' 'zero 1 5' 'urandom 1 9' 'random 1 8' 'tty 5 0'; do
		# shellcheck disable=SC2086
		mknod -m 666 "$root/dev/${node%% *}" c ${node#* } || return
	done
	mkdir -p "$root/dev/pts" && ln -s pts/ptmx "$root/dev/ptmx"
}

test_container() {
	local root=/var/tmp/container line
	check 'a container is made of this system' make_container "$root"
	while read -r line; do
		case $line in
		ok*) report 'ok' "container: ${line#ok }" ;;
		not*) report 'not ok' "container: ${line#not ok }" ;;
		*) echo "# $line" ;;
		esac
	done < <(unshare -mnpiu --fork chroot "$root" /bin/bash /root/guest-inside-container 2>&1)
	rm -rf "$root"
}

units=(ModemManager NetworkManager qmi-proxy.service)
modprobe -a vhci_hcd qmi_wwan option
starts 'qmi-sim plugs a modem in' --usb --warm --time-scale 0.1 --control "$control"
as_a_server
stock_server
or_end 'Debian'\''s ModemManager and NetworkManager connect by it' within 120 connected
print_sizes
test_metadata
test_install
test_upgrade
test_back
test_container
kill "$sim"
check 'the kernel has no complaint' no_complaint
finish
