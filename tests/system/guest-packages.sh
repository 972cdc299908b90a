#!/bin/bash
#
# In the guest: our Debian packages over Debian's. They are installed with apt from the repository that ./dev deb
# made, serve a virtual modem under their own names, and leave no program of Debian's unusable; NetworkManager stays.

. ./guest-lib.sh

control=$folder/control
repository=/opt/qmikit/apt
# Ours that the guide's line installs; those of Debian that it names need the archive.
packages=(libqmi-utils libqmi-glib0 libqmi-proxy modemmanager modemmanager-dev)

# The functions below are called by `check`.
# shellcheck disable=SC2317
ctl() { qmi-sim ctl "$control" "$@"; }

# apt with our repository as its only source; it asks nothing.
# shellcheck disable=SC2317
our_apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dir::Etc::SourceList="$folder/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User=root "$@" </dev/null
}

# shellcheck disable=SC2317
installed() { dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" | grep '^installed '; }

# shellcheck disable=SC2317
all_are_ours() {
	local package
	for package in "${packages[@]}"; do
		installed "$package" | grep -F qmikit || return
	done
}

# Versions of Debian's that would come later by themselves stay below.
# shellcheck disable=SC2317
sorts_above() { dpkg --compare-versions "$(dpkg-query -W -f '${Version}' "$1")" gt "$2"; }

# shellcheck disable=SC2317
runs() { [ "$(readlink "/proc/$(systemctl show -P MainPID "$1")/exe")" = "$2" ]; }

# What is not the guest's: our programs of this run, whose libraries would be found first.
# shellcheck disable=SC2317
as_installed() { env -u LD_LIBRARY_PATH PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }

# shellcheck disable=SC2317
registered() { as_installed mmcli -m 0 -K | grep -E '^modem.generic.state +: (registered|connected)$'; }

# shellcheck disable=SC2317
unharmed() { [ -z "$(dpkg --audit | tee /dev/stderr)" ] && ! systemctl --failed --no-legend | grep -i -e modem -e qmi; }

units=(ModemManager NetworkManager)
modprobe -a vhci_hcd qmi_wwan option
echo "deb [trusted=yes] file:$repository ./" >"$folder/sources.list"
or_end 'there is a repository' test -s "$repository/Packages"
check 'NetworkManager and Debian'"'"'s ModemManager run' systemctl start NetworkManager ModemManager
or_end 'apt reads the repository' our_apt update
or_end "the guide's packages install over Debian's" our_apt install "${packages[@]}"
check 'all are ours' all_are_ours
check 'libqmi-utils sorts above Ubuntu 24.04' sorts_above libqmi-utils 1.35.2-0ubuntu2
check 'modemmanager sorts above Ubuntu 24.04' sorts_above modemmanager 1.23.4-0ubuntu2
check 'NetworkManager is still installed' installed network-manager
check 'and libmm-glib0, libqmi-glib5' eval 'installed libmm-glib0 && installed libqmi-glib5'
check 'our daemon runs in the place of theirs' within 20 runs ModemManager /usr/sbin/ModemManager
check 'it is ours' as_installed sh -c 'ModemManager --version | grep -i qmikit || mmcli --version | grep "^mmcli 0"'
check "the broker's socket listens" systemctl is-active qmi-proxy.socket
starts 'qmi-sim plugs a modem in' --usb --warm --time-scale 0.1 --control "$control"
or_end 'mmcli lists it' within 60 as_installed sh -c 'mmcli -L | grep -F /Modem/0'
check 'mmcli enables it' as_installed mmcli -m 0 -e
check 'it registers' within 30 registered
check 'qmicli works beside it' as_installed qmicli -d /dev/cdc-wdm0 -p --dms-get-model
check 'qmi-network is there' as_installed qmi-network --help
check 'manual pages are there' eval '[ -e /usr/share/man/man8/ModemManager.8.gz ] || grep -rq path-exclude /etc/dpkg'
check 'the folders of configuration are there' test -d /etc/ModemManager/connection.d
check 'nothing failed, no package is half done' unharmed
check 'they install again' our_apt install --reinstall "${packages[@]}"
check 'our daemon runs again' within 20 runs ModemManager /usr/sbin/ModemManager
check 'they can be removed' our_apt purge "${packages[@]}" libqmikit0
check 'NetworkManager stays' installed network-manager
check 'nothing of ours is left' eval '! ls /usr/bin/{qmicli,mmcli,qmi-network} /usr/sbin/ModemManager /lib/systemd/system/{ModemManager,qmi-proxy}* 2>/dev/null | grep .'
kill "$sim"
check 'the kernel has no complaint' no_complaint
finish
