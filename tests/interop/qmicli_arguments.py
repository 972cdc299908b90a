"""What the comparison with Debian's qmicli gives to options that take an argument, a section a service.

ARGUMENTS: for each option with an argument, one that is right. An option that is missing there fails the test.
TOGETHER: words, with their dashes, that an option is given with wherever it is compared, such as a --loc-timeout.
CASES: more command lines of a service, without the dashes in front: other forms, what is refused, what is wrong; a
list of words where an action comes with another option. Each is compared on the virtual EC25.
ANY: what test_qmicli_bad_arguments.py gives to every option and these take, as text of the user's is what they are for.

One service alone, or some, is compared by `test_qmicli_beside.py … --only dms,fox`, or by
`QMIKIT_ONLY=dms,fox meson test -C build interop-qmicli-beside`. What stands there are beginnings of option names:
"link" are the link-… options, "dms-get" some of DMS's.
"""

import tempfile

ARGUMENTS, CASES, TOGETHER, ANY = {}, {}, {}, {}
# What an argument that is any text takes.
TEXT = {"garbage", "negative", "too big", "control characters", "not UTF-8"}

# --- CTL, the device

ARGUMENTS |= {
    "device-set-instance-id": "3",
}

# --- Links, and the kernel's driver

ARGUMENTS |= {
    "link-add": "iface=nosuch0,prefix=data,mux-id=3",
    "link-delete": "link-iface=nosuch0",
    "link-delete-all": "lo",
    "link-list": "lo",
    "set-expected-data-format": "raw-ip",
}
ANY |= {
    "link-delete-all": {"garbage", "negative", "not UTF-8"},
    "link-list": {"garbage", "negative", "not UTF-8"},
}

# --- ATR

ARGUMENTS |= {
    "atr-send": "AT",
    "atr-send-only": "AT",
}
ANY |= {
    "atr-send": TEXT,
    "atr-send-only": TEXT,
}

# --- DMS

ARGUMENTS |= {
    "dms-activate-automatic": "*22899",
    "dms-activate-manual": "000000,4120,0015551234567,0015557654321",
    "dms-delete-stored-image": "pri0",
    "dms-dell-change-device-mode": "fastboot-ota",
    "dms-dell-get-firmware-version": "apps",
    "dms-foxconn-change-device-mode": "fastboot-online",
    "dms-foxconn-get-firmware-version": "firmware-mcfg-apps",
    "dms-foxconn-set-fcc-authentication": "0",
    "dms-foxconn-set-fcc-authentication-v2": "foxc,48",
    "dms-get-mac-address": "wlan",
    "dms-hp-change-device-mode": "fastboot",
    "dms-restore-factory-defaults": "000000",
    "dms-select-stored-image": "modem0,pri0",
    "dms-set-boot-image-download-mode": "boot-and-recovery",
    "dms-set-firmware-preference": "firmware-version=02.08.02.00,config-version=002.007_000,carrier=GENERIC",
    "dms-set-operating-mode": "low-power",
    "dms-set-user-lock-code": "0000,1234",
    "dms-set-user-lock-state": "enable,0000",
    "dms-swi-set-usb-composition": "8",
    "dms-uim-change-pin": "PIN,1234,4321",
    "dms-uim-get-ck-status": "pn",
    "dms-uim-set-ck-protection": "pn,disable,12345678",
    "dms-uim-set-pin-protection": "PIN,enable,1234",
    "dms-uim-unblock-ck": "pc,12345678",
    "dms-uim-unblock-pin": "PIN,12345678,1234",
    "dms-uim-verify-pin": "PIN2,1234",
    "dms-validate-service-programming-code": "000000",
    "dms-write-user-data": "some text, with a comma",
}
ANY |= {
    "dms-activate-automatic": TEXT | {"empty"},
    "dms-write-user-data": TEXT | {"empty"},
}
CASES["dms"] = [
    "dms-uim-verify-pin=PIN,1234", "dms-uim-verify-pin=PIN3,1234", "dms-uim-verify-pin=PIN", "dms-uim-verify-pin=PIN,",
    "dms-uim-set-pin-protection=PIN2,disable,1234", "dms-uim-set-pin-protection=PIN,on,1234",
    "dms-uim-change-pin=PIN2,1234", "dms-uim-get-ck-status=pz", "dms-uim-set-ck-protection=pn,enable,1",
    "dms-set-user-lock-state=disable,0000", "dms-set-user-lock-state=enable,9999", "dms-set-user-lock-state=enable,123",
    "dms-set-user-lock-code=0000,12345", "dms-set-user-lock-code=1111,2222", "dms-activate-manual=000000,70000,1,2",
    "dms-activate-manual=000000,1,2", "dms-validate-service-programming-code=999999",
    "dms-validate-service-programming-code=1", "dms-restore-factory-defaults=12345", "dms-write-user-data=",
    "dms-set-firmware-preference=02.08.02.00,002.007_000,GENERIC", "dms-set-firmware-preference=a,b",
    "dms-set-firmware-preference=firmware-version=a,config-version=b", "dms-set-firmware-preference=x=y",
    "dms-set-firmware-preference=firmware-version=a,config-version=b,carrier=c,modem-storage-index=1,override-download=yes",
    "dms-set-firmware-preference=firmware-version=a,config-version=b,carrier=c,override-download=x",
    "dms-set-firmware-preference=carrier=a,carrier=b", "dms-select-stored-image=modem1,pri0",
    "dms-select-stored-image=pri0,modem0", "dms-select-stored-image=modem0", "dms-select-stored-image=modem0,modem1",
    "dms-select-stored-image=boot0,pri0", "dms-delete-stored-image=modem0", "dms-delete-stored-image=modem",
    "dms-delete-stored-image=modem0,pri0", "dms-set-boot-image-download-mode=normal",
    "dms-set-boot-image-download-mode=x", "dms-get-mac-address=bt", "dms-get-mac-address=x",
    "dms-hp-change-device-mode=x", "dms-swi-set-usb-composition=22", "dms-swi-set-usb-composition=23",
    "dms-foxconn-change-device-mode=fastboot-ota", "dms-foxconn-get-firmware-version=x",
    "dms-foxconn-set-fcc-authentication=255", "dms-foxconn-set-fcc-authentication=256",
    "dms-foxconn-set-fcc-authentication-v2=foxc", "dms-foxconn-set-fcc-authentication-v2=foxc,256",
    "dms-foxconn-set-fcc-authentication-v2=a,1,2",
]

# --- DPM

ARGUMENTS |= {
    "dpm-open-port": "ctrl-ep-type=hsusb,ctrl-ep-iface-number=1,ctrl-port-name=a,hw-data-ep-type=embedded,"
                     "hw-data-ep-iface-number=1,hw-data-rx-id=10,hw-data-tx-id=2,sw-data-ep-type=pcie,"
                     "sw-data-ep-iface-number=4,sw-data-port-name='b c'",
}
ANY |= {
    "dpm-open-port": {"empty"},
}

# --- DSD

ARGUMENTS |= {
    "dsd-get-apn-info": "default",
    "dsd-set-apn-type": "internet,default|mms",
}
CASES["dsd"] = [
    "dsd-get-apn-info=ims", "dsd-get-apn-info=emergency", "dsd-get-apn-info=x", "dsd-get-apn-info=",
    "dsd-set-apn-type=internet", "dsd-set-apn-type= internet , mms ", "dsd-set-apn-type=,mms",
    "dsd-set-apn-type=ims,mms", "dsd-set-apn-type=internet,x", "dsd-set-apn-type=internet,mms,ims",
]

# --- FOX

ARGUMENTS |= {
    "fox-get-firmware-version": "firmware-mcfg",
    "fox-set-fcc-authentication": "foxc,48",
}
CASES["fox"] = ["fox-get-firmware-version=apps", "fox-get-firmware-version=x", "fox-get-firmware-version="]

# --- GAS

ARGUMENTS |= {
    "gas-dms-set-active-firmware": "2",
    "gas-dms-set-firmware-auto-sim": "mode=enable,config-id=3",
    "gas-dms-set-usb-composition": "0x1201",
}
CASES["gas"] = [
    "gas-dms-set-usb-composition=4129", "gas-dms-set-usb-composition=x", "gas-dms-set-active-firmware=0",
    "gas-dms-set-active-firmware=x",
]

# --- GMS

ARGUMENTS |= {
    "gms-test-set-value": "7,250",
}
CASES["gms"] = [
    "gms-test-set-value=7", "gms-test-set-value=256", "gms-test-set-value=7,256", "gms-test-set-value=",
    "gms-test-set-value=1,2,3",
]

# --- IMS, IMSA, IMSP

ARGUMENTS |= {
    "ims-bind": "0",
    "imsa-bind": "0",
}

# --- LOC

ARGUMENTS |= {
    "loc-inject-position-latitude": "47.5",
    "loc-inject-position-longitude": "-8.25",
    "loc-session-id": "1",
    "loc-set-engine-lock": "mt",
    "loc-set-nmea-types": "gga|rmc|vtg",
    "loc-set-operation-mode": "msb",
    "loc-timeout": "1",
}
TOGETHER |= {
    "loc-get-gnss-sv-info": ["--loc-timeout=1"],
    "loc-get-position-report": ["--loc-timeout=1"],
    "loc-inject-position-latitude": ["--loc-inject-position-longitude=8.5"],
    "loc-inject-position-longitude": ["--loc-inject-position-latitude=-0.5"],
    "loc-session-id": ["--loc-start"],
    "loc-timeout": ["--loc-get-position-report"],
}
ANY |= {
    "loc-inject-position-latitude": {"negative"},
    "loc-inject-position-longitude": {"negative"},
    "loc-set-nmea-types": {"empty"},
}
CASES["loc"] = [
    "loc-set-engine-lock=x", "loc-set-engine-lock=", "loc-set-engine-lock=all", "loc-set-nmea-types=all",
    "loc-set-nmea-types=gga|x", "loc-set-nmea-types=", "loc-set-nmea-types= | rmc |", "loc-set-operation-mode=default", "loc-set-operation-mode=MSB",
    ["loc-start", "loc-session-id=255"], ["loc-start", "loc-session-id=0x10"], ["loc-start", "loc-session-id=256"],
    ["loc-start", "loc-session-id=-1"], ["loc-start", "loc-session-id=x"], ["loc-stop", "loc-session-id=7"],
    ["loc-start", "loc-timeout=1"], ["loc-get-position-report", "loc-timeout=x"],
    ["loc-get-position-report", "loc-timeout=-1"],
    ["loc-follow-nmea", "loc-follow-position-report"],
]

# --- NAS

ARGUMENTS |= {
    "nas-get-plmn-name": "26201",
    "nas-get-tx-rx-info": "lte",
    "nas-set-preferred-networks": "26201,eutran|utran,26202,gsm",
    "nas-set-system-selection-preference": "lte|umts,automatic",
}
CASES["nas"] = [
    "nas-get-plmn-name=310410", "nas-get-plmn-name=2620", "nas-get-plmn-name=26a01",
    "nas-get-plmn-name=00001", *(f"nas-get-tx-rx-info={radio}" for radio in (
        "cdma-1x", "cdma-1xevdo", "gsm", "umts", "5gnr", "td-scdma", "none", "x", "")),
    "nas-set-preferred-networks=", "nas-set-preferred-networks=26201", "nas-set-preferred-networks=26201,x",
    "nas-set-preferred-networks=2620,gsm", "nas-set-preferred-networks=310410,all",
    *(f"nas-set-system-selection-preference={choice}" for choice in (
        "lte", "gsm|umts|lte", "automatic", "manual=26201", "manual", "lte,manual=26201", "manual=2620", "x", "lte,x",
        "lte,", "", "lte,automatic,x", "automatic,lte", "lte|x", "amps")),
]
ANY |= {
    "nas-incremental-network-scan": {"empty"},
    "nas-network-scan": {"empty"},
    "nas-set-preferred-networks": {"empty"},
}

# --- PBM

ARGUMENTS |= {
}

# --- PDC

# A configuration of three chunks; what is in it is the modem's affair.
CONFIG = tempfile.NamedTemporaryFile(suffix=".mbn")  # pylint: disable=consider-using-with
CONFIG.write(bytes(range(256)) * 9)
CONFIG.flush()
SPAIN = "2C:62:48:4D:F3:D1:3D:60:DE:F8:E8:BD:2E:A8:3E:53:0A:94:80:42"
ARGUMENTS |= {
    "pdc-activate-config": f"software,{SPAIN}",
    "pdc-deactivate-config": f"software,{SPAIN}",
    "pdc-delete-config": f"software,{SPAIN}",
    "pdc-list-configs": "software",
    "pdc-load-config": CONFIG.name,
}
CASES["pdc"] = [
    "pdc-list-configs=platform", "pdc-list-configs=x", "pdc-list-configs=", "pdc-list-configs=Software",
    "pdc-delete-config=software", "pdc-delete-config=software,x", "pdc-delete-config=software,00",
    "pdc-delete-config=x,00", "pdc-delete-config=software,00,00", "pdc-delete-config=software,000",
    "pdc-delete-config=platform,00", "pdc-delete-config=software,",
    "pdc-delete-config=software,2c62484df3d13d60def8e8bd2ea83e530a948042", "pdc-activate-config=software,00",
    "pdc-activate-config=x,00", "pdc-activate-config=software", "pdc-deactivate-config=platform,00",
    "pdc-deactivate-config=software,xy", "pdc-deactivate-config=software", "pdc-load-config=/no/such/file",
    "pdc-load-config=/dev/null", "pdc-load-config=/",
]

# --- PDS

ARGUMENTS |= {
}

# --- QOS

ARGUMENTS |= {
    "qos-get-flow-status": "1",
    "qos-swi-read-data-stats": "1",
}
CASES["qos"] = ["qos-get-flow-status=x", "qos-get-flow-status=-1", "qos-swi-read-data-stats="]

# --- SAR

ARGUMENTS |= {
    "sar-rf-set-state": "3",
}
CASES["sar"] = ["sar-rf-set-state=20", "sar-rf-set-state=21", "sar-rf-set-state=", "sar-rf-set-state=0x1"]

# --- UIM

ARGUMENTS |= {
    "uim-change-pin": "PIN1,1234,4321",
    "uim-change-provisioning-session": "session-type=primary-gw-provisioning,activate=no,slot=1,"
                                       "aid=A0:00:00:00:87:10:02",
    "uim-close-logical-channel": "1,1",
    "uim-depersonalization": "gw-network,deactivate,12345678",
    "uim-get-file-attributes": "0x3F00,0x2FE2",
    "uim-monitor-refresh-file": "0x3F00,0x7FFF,0x6F07",
    "uim-open-logical-channel": "1,A0000000871002",
    "uim-read-record": "record-number=1,record-length=0,file=3F00-7FFF-6F40",
    "uim-read-transparent": "0x3F00,0x7FFF,0x6F07",
    "uim-remote-unlock": "01:02:ab",
    "uim-send-apdu": "1,0,00:A4:00:04:02:3F:00",
    "uim-set-pin-protection": "PIN1,enable,1234",
    "uim-sim-power-off": "1",
    "uim-sim-power-on": "1",
    "uim-switch-slot": "2",
    "uim-unblock-pin": "PIN1,12345678,1234",
    "uim-verify-pin": "PIN1,1234",
}
ANY |= {
    "uim-remote-unlock": {"empty"},
}
CASES["uim"] = [
    "uim-set-pin-protection=PIN2,disable,1234", "uim-set-pin-protection=PIN1,on,1234", "uim-set-pin-protection=PIN1",
    "uim-verify-pin=PIN2,0000", "uim-verify-pin=PIN3,1234", "uim-verify-pin=UPIN,1234", "uim-verify-pin=PIN1,",
    "uim-verify-pin=", "uim-unblock-pin=PIN2,00000000,1234", "uim-change-pin=PIN2,1234,",
    "uim-read-transparent=3F00,2FE2", "uim-read-transparent=0x2FE2", "uim-read-transparent=0x3F00,0x7FFF,0x6FFF",
    "uim-read-transparent=0x3F00,0x7FFF,0x6F40", "uim-read-transparent=x", "uim-read-transparent=0x3F00,",
    "uim-read-transparent=0x3F00,0x7FFF,0x6F38", "uim-get-file-attributes=0x3F00,0x7FFF,0x6F40",
    "uim-get-file-attributes=0x3F00,0x7FFF", "uim-get-file-attributes=0x3F00", "uim-get-file-attributes=0x6F7B",
    "uim-get-file-attributes=0x3F00,0x7FFF,0x6FFF", "uim-read-record=record-number=99,file=3F00-7FFF-6F40",
    "uim-read-record=record-number=1,file=0x3F00-0x7FFF-0x6F07", "uim-read-record=record-number=1,file=0",
    "uim-read-record=record-number=x,file=3F00", "uim-read-record=file=3F00-7FFF-6F40,foo=1",
    "uim-read-record=record-number=65536,file=3F00", "uim-sim-power-off=2", "uim-sim-power-on=256",
    "uim-sim-power-off=x", "uim-change-provisioning-session=session-type=primary-gw-provisioning,activate=yes",
    "uim-change-provisioning-session=session-type=primary-1x-provisioning,activate=true",
    "uim-change-provisioning-session=session-type=primary-gw-provisioning",
    "uim-change-provisioning-session=activate=yes", "uim-change-provisioning-session=session-type=x,activate=yes",
    "uim-change-provisioning-session=session-type=card-slot-1,activate=no,aid=A0:0",
    "uim-depersonalization=gw-network,unblock,1", "uim-depersonalization=x,deactivate,1",
    "uim-depersonalization=gw-network,x,1", "uim-depersonalization=gw-network,deactivate",
    "uim-depersonalization=gw-network,deactivate,1,6", "uim-depersonalization=gw-network,deactivate,1,1",
]

# --- VOICE

ARGUMENTS |= {
}
CASES["voice"] = [["voice-get-config", "device-open-version-info"]]

# --- WDA

ARGUMENTS |= {
    "wda-set-capability": "ep-type=hsusb,ep-iface-number=4,eth-pdu=yes",
    "wda-set-loopback-configuration": "state=enabled,replication-factor=2",
    "wda-set-data-format": "link-layer-protocol=raw-ip,ul-protocol=qmap,dl-protocol=qmap,dl-max-datagrams=8,"
                           "dl-datagram-max-size=4096,ep-type=hsusb,ep-iface-number=4",
}
ANY |= {
    "wda-get-data-format": {"empty"},
}

# --- WDS

ARGUMENTS |= {
    "wds-bind-data-port": "a2-mux-rmnet1",
    "wds-bind-mux-data-port": "mux-id=2,ep-type=hsusb,ep-iface-number=4",
    "wds-create-profile": "3gpp,apn=new.apn,pdp-type=ipv6,auth=both",
    "wds-delete-profile": "3gpp,3",
    "wds-get-default-profile-number": "3gpp",
    "wds-get-default-profile-num": "3gpp",
    "wds-get-default-settings": "3gpp",
    "wds-get-profile-list": "3gpp",
    "wds-get-profile-settings": "3gpp,2",
    "wds-modify-profile": "3gpp,2,apn=,disabled=yes",
    "wds-set-autoconnect-settings": "enabled,home-only",
    "wds-set-default-profile-num": "3gpp,2",
    "wds-set-default-profile-number": "3gpp,2",
    "wds-set-ip-family": "6",
    "wds-set-lte-attach-pdn-list": "1,3",
    "wds-start-network": "apn=internet,ip-type=4",
    "wds-stop-network": "disable-autoconnect",
    "wds-swi-create-profile-indexed": "3gpp,7,name=n,apn=a,pdp-type=ipv4v6,auth=chap,username=u,password=p",
}
ANY |= {
    "wds-start-network": TEXT | {"empty"},
}
CASES["wds"] = [
    "wds-get-profile-list=3gpp", "wds-get-profile-list=3gpp2", "wds-get-profile-list=x", "wds-create-profile=3gpp",
    "wds-create-profile=x", "wds-create-profile=3gpp2,apn=y", "wds-create-profile=3gpp,apn='a b',context-num=9",
    "wds-create-profile=3gpp,apn=",
    "wds-create-profile=3gpp,name=n,username=u,password=p,no-roaming=yes,apn-type-mask=ims",
    "wds-create-profile=3gpp,foo=1", "wds-create-profile=3gpp,context-num=0", "wds-create-profile=3gpp,auth=zz",
    "wds-modify-profile=3gpp,2", "wds-modify-profile=3gpp,0,apn=z", "wds-modify-profile=3gpp,20,apn=z",
    "wds-modify-profile=3gpp,3,auth=none", "wds-delete-profile=3gpp,20", "wds-delete-profile=3gpp",
    "wds-delete-profile=3gpp,1", "wds-get-default-profile-number=3gpp2", "wds-set-default-profile-number=3gpp,99",
    "wds-set-autoconnect-settings=disabled", "wds-set-autoconnect-settings=paused,roaming-allowed",
    "wds-set-autoconnect-settings=enabled,allowed", "wds-set-autoconnect-settings=x",
    "wds-set-autoconnect-settings=enabled,x", "wds-set-autoconnect-settings=enabled,home-only,y",
    "wds-set-autoconnect-settings= enabled , home-only ", "wds-set-autoconnect-settings=",
    "wds-set-lte-attach-pdn-list=2", "wds-set-lte-attach-pdn-list=0", "wds-set-lte-attach-pdn-list=1,,2",
    "wds-set-lte-attach-pdn-list=1,65536", "wds-set-lte-attach-pdn-list=", "wds-set-lte-attach-pdn-list= 1 , 2",
    "wds-swi-create-profile-indexed=3gpp", "wds-swi-create-profile-indexed=3gpp,0", "wds-swi-create-profile-indexed=x,1",
    "wds-swi-create-profile-indexed=3gpp,1,context-num=0", "wds-swi-create-profile-indexed=3gpp,1,foo=1",
    "wds-get-default-profile-num=x", "wds-set-default-profile-num=3gpp",
    "wds-set-default-profile-number=3gpp", "wds-get-default-settings=3gpp2", "wds-get-default-settings=x",
]

# --- WMS

ARGUMENTS |= {
    "wms-set-cbs-channels": "4370,4371-4380",
    "wms-set-routes": "type=point,class=0,storage=uim,receipt-action=store-and-notify,"
                      "class=none,type=point,storage=nv,receipt-action=transfer-only",
}
CASES["wms"] = [
    "wms-set-routes=type=point,class=1,storage=none,receipt-action=discard", "wms-set-routes=type=point",
    "wms-set-routes=", "wms-set-routes=type=point,type=point", "wms-set-routes=type=x", "wms-set-routes=type=",
    "wms-set-routes=foo=1", "wms-set-routes=type=point,class=9,storage=uim,receipt-action=discard",
    "wms-set-routes=type=point,class=0,storage=uim,receipt-action=discard,class=1",
]
