# shellcheck shell=bash
# What the tests of packages share: a server as Debian makes it, with the repository of ours and a part of Debian's
# archive as apt's sources. Source it behind guest-lib.sh. Its functions are called by `check`.
# shellcheck disable=SC2317

QMIKIT_DIR=${QMIKIT_DIR:-/opt/qmikit}
repository=$QMIKIT_DIR/apt
archive=$QMIKIT_DIR/archive
# Ours that the guide's line installs, without what they bring along; those of Debian that it names stay Debian's.
# shellcheck disable=SC2034
packages=(libqmi-utils libqmi-glib0 libqmi-proxy modemmanager modemmanager-dev)

# From here on nothing is of this run but the modem: programs and libraries are those that are installed.
as_a_server() {
	unset LD_LIBRARY_PATH
	printf '#!/bin/sh\nLD_LIBRARY_PATH=%s/lib exec %s/bin/qmi-sim "$@"\n' "$QMIKIT_DIR" "$QMIKIT_DIR" >/usr/local/bin/qmi-sim
	chmod +x /usr/local/bin/qmi-sim
	export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin
	hash -r
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -q -y -o APT::Sandbox::User=root "$@" </dev/null; }

# sources FOLDER...: apt knows these repositories and no other.
sources() {
	rm -f /etc/apt/sources.list.d/* || return
	printf 'deb [trusted=yes] file:%s ./\n' "$@" >/etc/apt/sources.list
	apt_get update
}

# What a server has beside the guest's image, Debian's daemons running, and our repository known to apt.
stock_server() {
	grep -q "$HOSTNAME" /etc/hosts || echo "127.0.1.1 $HOSTNAME" >>/etc/hosts
	or_end 'there is a repository of ours' test -s "$repository/Packages"
	or_end 'and a part of Debian'\''s archive' test -s "$archive/Packages"
	or_end 'apt knows the archive' sources "$archive"
	or_end 'a server has sudo and rsyslog' apt_get install sudo rsyslog
	or_end 'apt knows ours, too' sources "$repository" "$archive"
	check 'NetworkManager and Debian'\''s ModemManager run' systemctl enable --now ModemManager NetworkManager
	check 'NetworkManager has a gsm connection' nmcli connection add type gsm con-name cellular ifname '*' \
		apn internet ipv4.method auto ipv6.method auto connection.autoconnect yes connection.autoconnect-retries 0
}

status_of() { dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1"; }

# installed PACKAGE...
installed() {
	local package
	for package in "$@"; do status_of "$package" | grep '^installed ' || return; done
}

# ours PACKAGE...: they are installed, and of this project's source package.
ours() {
	local package
	for package in "$@"; do
		installed "$package" && dpkg-query -W -f '${source:Package}\n' "$package" | grep -x qmikit || return
	done
}

# theirs PACKAGE...
theirs() { installed "$@" && ! ours "$@"; }

# runs UNIT PROGRAM
runs() { [ "$(readlink "/proc/$(systemctl show -P MainPID "$1")/exe")" = "$2" ]; }

connected() {
	local state
	state=$(nmcli -t -f DEVICE,STATE,CONNECTION device)
	grep -q '^cdc-wdm0:connected:cellular$' <<<"$state" || { echo "$state"; return 1; }
}

export -f status_of installed ours theirs runs connected

# As the page on the daemon says it: our repository is gone, our packages are removed, Debian's installed.
back_to_debians() {
	sources "$archive" && apt_get remove modemmanager libqmi-utils libqmi-proxy libqmikit0 &&
		apt_get install modemmanager libqmi-utils && udevadm trigger
}

# size_of REPOSITORY PACKAGE...: bytes to download.
size_of() {
	local folder=$1 package size sum=0
	shift
	for package in "$@"; do
		size=$(stat -c %s "$folder/$package"_*.deb) || return
		sum=$((sum + size))
	done
	echo "$sum"
}

# What is to be downloaded for the guide's line, of ours and of Debian's; without what both need.
print_sizes() {
	local size
	size=$(size_of "$repository" "${packages[@]}" libqmikit0)
	echo "# ours of the guide's line: $size bytes; Debian's with the libraries of their projects:" \
		"$(size_of "$archive" libqmi-{utils,glib5,proxy} modemmanager{,-dev} lib{mm-glib0,mbim-glib4,mbim-proxy,qrtr-glib0}) bytes"
	check 'ours are at most 1 MiB to download' [ "${size:-0}" -gt 0 -a "${size:-0}" -le 1048576 ]
}
