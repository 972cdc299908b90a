/*
 * Plan: what the modem's settings of a call mean for this machine: address, gateway, name servers
 * and MTU, with what cannot be used left out.
 *
 * Owns: nothing. Does not know: interfaces, netlink.
 * Lifetime: a plain struct inside a job.
 * Called from: the step that asks for the settings, and the one that sets them.
 */
#pragma once

#include <stdbool.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <qmikit/wds.h>

#include "netdev/address.h"

enum { PLAN_SERVERS = 2 };

struct plan {
	bool present;              /* the call has an address */
	struct qk_address address; /* ours */
	struct qk_address gateway; /* of its family, its bytes 0 when there is none */
	struct qk_address servers[PLAN_SERVERS];
	size_t server_count;
	uint32_t mtu; /* 0: not said, or nothing that can be */
};

/* Which settings to ask for. */
enum {
	PLAN_SETTINGS = QK_WDS_REQUESTED_SETTINGS_DNS_ADDRESS |
			QK_WDS_REQUESTED_SETTINGS_IP_ADDRESS |
			QK_WDS_REQUESTED_SETTINGS_GATEWAY_INFO | QK_WDS_REQUESTED_SETTINGS_MTU |
			QK_WDS_REQUESTED_SETTINGS_IP_FAMILY,
};

/* Reads the settings of a call of IPv4 or IPv6 (AF_INET, AF_INET6). `ret->present` is false when
 * they have no address that a host can have. */
void plan_read(const struct qk_wds_get_current_settings_response *settings, uint8_t family,
	       struct plan *ret);

/* The MTU of an interface that carries these calls: the least that one of them says; 0: none does. */
uint32_t plan_mtu(const struct plan *plans, size_t count);
