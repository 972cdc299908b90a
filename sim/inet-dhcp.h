/*
 * DHCP: the answers of the modem's DHCP server, which has one lease: the address of the data call.
 *
 * Owns: nothing; borrows the bytes. Does not know: UDP, data calls, time.
 * Lifetime: plain functions. Called from: datapath.c, tests.
 *
 * Seen of a real one: the server is the gateway, the lease 7200 s, name servers are offered. The rest
 * follows RFC 2131 and 2132.
 */
#pragma once

#include "inet.h"

#define QK_DHCP_SERVER_PORT 67u
#define QK_DHCP_CLIENT_PORT 68u
#define QK_DHCP_LEASE_SEC 7200u

/* Answers a message by what `config` (IPv4) says. The bytes of the answer and where it goes; 0: none is
 * due, as it is for another server, a release or no DHCP; -ENOBUFS. */
QK_MUST_CHECK int qk_dhcp_answer(const struct qk_inet_config *config, struct qk_span message,
				 void *buffer, size_t size,
				 struct qk_inet_address *ret_destination);
