"""What libqmi 1.32 does not have of what protocol/ defines, reads only sometimes, or names otherwise."""

# What 1.34 brought: where libqmi has it, it is newer, and what it has more than this page says is no fault.
NEWER_HAS = "qmi_client_ctl_internal_allocate_cid_qrtr"

# Services of which no libqmi has anything but the number.
SERVICES = {"at"}

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
    "nas get-network-time",
    "nas get-preferred-networks response static-mnc-pcs-digit-include-status",
    "nas get-preferred-networks response static-preferred-networks",
    "nas get-signal-info response wcdma-rscp",
    "nas signal-info indication wcdma-rscp",
    "uim logical-channel",
    "uim open-logical-channel",
    "uim send-apdu",
    "uim write-record",
    "voice all-call-status indication alerting-type",
    "voice get-all-call-info response alerting-type",
    "wds configure-profile-event-list",
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
    "wds abort",
    # Of other sources.
    "ctl invalid-client-id indication",
    "ctl revoke-client-id indication",
    "dms get-msisdn response imsi",
    "dms get-msisdn response mobile-id",
    "nas get-forbidden-networks",
    "uim write-transparent",
    "voice get-call-info",
    "wms get-smsc-address",
    "wms memory-full indication",
    "wms set-smsc-address",
}

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

# Enumerators that libqmi 1.32 does not name.
OURS_ALONE = {
    ("ctl service-id", 0x32), ("ctl service-id", 0x47), ("ctl service-id", 0xed),
    ("wds ip-family", 12),
    *(("wds apn-type-mask", 1 << bit) for bit in (3, 4, 5, 7, 10, 11)),
    *(("nas active-band", number) for number in range(297, 302)),
    *(("uim card-application-personalization-feature-status", number) for number in range(12, 18)),
}
