"""What libqmi 1.32 does not have of what protocol/ defines, reads only sometimes, or names otherwise."""

# What 1.34 brought: where libqmi has it, it is newer, and what it has more than this page says is no fault.
NEWER_HAS = "qmi_client_ctl_internal_allocate_cid_qrtr"

# Services of which no libqmi has anything but the number.
SERVICES = {"at"}

# Services that are newer than 1.32; of these, the ones whose ids are above 255 have no frame that a pty could carry.
NEWER_SERVICES = {"atr", "ims", "imsa", "imsdcm", "imsp", "ssc"}

# Messages, and TLVs ("service message type TLV").
LACKING = {
    # Newer than 1.32, or between clients and a proxy of later versions.
    "ctl internal-allocate-cid-qrtr",
    "ctl internal-release-cid-qrtr",
    # Between our clients and our broker.
    "ctl internal-proxy-open request lease",
    "ctl internal-proxy-open request want-status",
    "ctl internal-proxy-open response broker-features",
    "ctl internal-proxy-open response resumed",
    "ctl internal-proxy-open response status",
    "ctl internal-proxy-open response failure",
    # Newer than 1.32.
    "fox set-fcc-authentication",
    "gas dms-get-ethernet-pdu-mac-address",
    "gas dms-get-firmware-auto-sim",
    "gas dms-set-firmware-auto-sim",
    "loc get-predicted-orbits-data-validity",
    "loc get-predicted-orbits-data-validity indication",
    "loc inject-position",
    "loc inject-position indication",
    "loc inject-position-request indication",
    "loc inject-predicted-orbits-request indication",
    "loc inject-time-request indication",
    "loc inject-utc-time",
    "loc inject-utc-time indication",
    "nas get-endc-config",
    "nas get-network-time",
    "nas get-preferred-networks response static-mnc-pcs-digit-include-status",
    "nas get-preferred-networks response static-preferred-networks",
    "nas get-signal-info response wcdma-rscp",
    "nas incremental-network-scan",
    "nas incremental-network-scan indication",
    "nas signal-info indication wcdma-rscp",
    "pbm get-emergency-list",
    "pdc config-change indication",
    "qos bind-mux-data-port",
    "qos bind-subscription",
    "qos get-bind-subscription",
    "uim logical-channel",
    "uim open-logical-channel",
    "uim send-apdu",
    "uim write-record",
    "voice all-call-status indication alerting-type",
    "voice get-all-call-info response alerting-type",
    "wda get-ethernet-config",
    "wda loopback-configuration",
    "wda loopback-configuration indication",
    "wda set-capability",
    "wds bind-subscription",
    "wds configure-profile-event-list",
    *(f"wds {message} {tlv}" for message in ("create-profile request", "modify-profile request",
                                             "get-profile-settings response", "get-default-settings response")
      for tlv in ("address-allocation-preference", "pdp-access-control", "vlan-id-type")),
    *(f"wds {message} {tlv}" for message in ("modify-profile request", "get-profile-settings response")
      for tlv in ("clat-enabled", "ipv6-prefix-delegation")),
    "wds get-bind-subscription",
    "wds get-default-settings response apn-disabled-flag",
    "wds indication-register request report-profile-changes",
    "wds packet-service-status indication bearer-id",
    "wds packet-service-status indication xlat-capability",
    "wds profile-changed indication",
    "wms get-broadcast-config",
    "wms get-transport-network-registration-status",
    "wms indication-register",
    "wms set-broadcast-activation",
    "wms set-broadcast-config",
    "wms transport-network-registration-status indication",
    # In its definitions and not in its API.
    "nas abort",
    "wds abort",
    # Of other sources.
    "ctl invalid-client-id indication",
    "ctl revoke-client-id indication",
    "dms get-msisdn response imsi",
    "dms get-msisdn response mobile-id",
    "nas get-forbidden-networks",
    "pbm get-capabilities response phonebook-sets",
    "pbm get-capabilities response protection-method",
    *(f"pbm {name}" for name in (
        "bind-subscription", "delete-all-records", "delete-record", "get-all-groups", "get-alpha-string-list",
        "get-next-empty-record-id", "get-next-record-id", "get-state", "get-subscription", "read-all-hidden-records",
        "read-records", "search-records", "set-alpha-string", "set-group-information", "write-record",
        "all-phonebooks-ready indication", "alpha-string-update indication", "emergency-list indication",
        "group-update indication", "hidden-record-status indication", "phonebook-ready indication",
        "read-records indication", "record-update indication", "refresh indication")),
    "pds event-report indication nmea-debug",
    "uim write-transparent",
    "voice get-call-info",
    "wms get-smsc-address",
    "wms memory-full indication",
    "wms set-smsc-address",
}

# What 1.32 wants as no modem sends it.
NEVER_SEEN = {"wds set-lte-attach-pdn-list indication"}

# What libqmi sends over QRTR and over nothing else, where it has it.
QRTR_ALONE = {"ctl internal-allocate-cid-qrtr", "ctl internal-release-cid-qrtr"}

# What libqmi looks at only when another TLV (or its member, behind a slash) has this number, or the result this error (0: success).
CONDITIONS = {
    "dms get-operating-mode offline-reason": ("mode", 3),               # offline
    **{f"dms uim-{what}-pin pin-retries-status": ("result", 12) for what in ("change", "unblock", "verify")},
    "dms uim-set-pin-protection pin-retries-status": ("result", 12),    # IncorrectPin
    "oma get-session-info session-failed-reason": ("session-info/session-state", 2),    # failed
    **{f"uim {what} retries-remaining": ("result", 12) for what in ("change-pin", "depersonalization",
                                                                    "set-pin-protection", "unblock-pin", "verify-pin")},
    "wds get-data-bearer-technology last": ("result", 15),              # OutOfCall
    "wds start-network call-end-reason": ("result", 14),                # CallFailed
    "wds start-network verbose-call-end-reason": ("result", 14),
    **{f"wds {message} extended-error-code": ("result", 81)             # ExtendedInternal
       for message in ("create-profile", "modify-profile", "delete-profile", "get-profile-list", "get-profile-settings",
                       "get-default-settings", "get-default-profile-number", "set-default-profile-number")},
    "wms raw-send cdma-cause-code": ("result", 54),                     # WmsCauseCode, as all of the next
    "wms raw-send cdma-error-class": ("result", 54),
    "wms raw-send gsm-wcdma-cause-info": ("result", 54),
    "wms raw-send message-delivery-failure-type": ("result", 54),
    "wms send-from-memory-storage cdma-cause-code": ("result", 54),
    "wms send-from-memory-storage cdma-error-class": ("result", 54),
    "wms send-from-memory-storage gsm-wcdma-cause-info": ("result", 54),
    "wms send-from-memory-storage message-delivery-failure-type": ("result", 54),
    "wms send-ack failure-cause": ("result", 84),                       # AckNotSent
}

# What libqmi looks at whatever the result.
IN_ANY_RESULT = {f"uim {what}-pin card-result" for what in ("change", "unblock", "verify")}

# What a response must carry for libqmi to see that it is a refusal.
IN_REFUSALS = {
    "nas get-rf-band-information": {"list": []},
    "pdc config-change": {"type-with-id-v2": {"config-type": "platform", "id": ""}},
    "wds get-channel-rates": {"channel-rates": {
        f"{which}-rate-bps": 0 for which in ("channel-tx", "channel-rx", "max-channel-tx", "max-channel-rx")}},
}

# TLVs of requests without which libqmi sends nothing, though modems do without.
INSISTED = {"ctl internal-proxy-open device-path", "wds get-current-settings requested-settings"}

# Services that libqmi 1.32 has no number for. Other names it lacks stand under `newer:` in the definitions.
NEWER_IDS = {0x32, 0x47, 0xed, 0x190, 0x302}

# Enumerators whose name in libqmi is a slip: ours, and its.
SLIPS = {("nas swi-ims-reg-state", 255): ("unknown", "-unknown")}

# Services that libqmi 1.32 has, and its printer has not.
UNPRINTED_SERVICES = {"sar"}

# What libqmi's printer shows otherwise than its getters have it. By "service message tlv/field":
# a name of ours is a bare number there;
PRINTED_AS_NUMBERS = {
    "dms event-report power-state/power-state-flags",
    "dms get-power-state info/power-state-flags",
    "loc position-report vertical-reliability",
    "nas event-report registration-reject-reason/reject-cause",
}
# a number of ours has a name there;
EVDO_LEVELS = {level: str(level) for level in range(9)}
PRINTED_AS_NAMES = {
    "nas event-report sinr": EVDO_LEVELS,
    "nas get-signal-info hdr-signal-strength/sinr": EVDO_LEVELS,
    "nas get-signal-strength sinr": EVDO_LEVELS,
    "nas signal-info hdr-signal-strength/sinr": EVDO_LEVELS,
}
# and a number that stands before a list is no field.
PRINTED_BEFORE = {"dms activate-manual prl/prl-segment-sequence"}
