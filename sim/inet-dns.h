/*
 * DNS: the answers of the modem's name server. It knows a few names; any other is at the gateway, so
 * that a host reaches what listens on its own loopback by a name.
 *
 * Owns: nothing; borrows the bytes. Does not know: UDP, data calls.
 * Lifetime: plain functions. Called from: datapath.c, tests.
 *
 * Names that end in `.invalid` (RFC 2606) and those below `.arpa` that are no address of ours do not
 * exist. A and AAAA, PTR and ANY are answered, other types exist without an entry. Extensions (EDNS)
 * are not spoken: an answer says so by their absence. Source: RFC 1035, 3596.
 */
#pragma once

#include "inet.h"
#include "link.h"

/* A message over UDP without extensions is no longer. */
#define QK_DNS_MAX 512u

struct qk_dns_zone {
	const struct qk_sim_name *names;
	size_t name_count;
	struct qk_inet_address gateway4, gateway6; /* unspecified: none of that version */
};

/* Answers a message. The bytes of the answer; 0: none is due, as it is too short or an answer itself;
 * -ENOBUFS below QK_DNS_MAX bytes of room. What is asked badly is answered FORMERR, what is not a
 * question of class IN is refused. */
QK_MUST_CHECK int qk_dns_answer(const struct qk_dns_zone *zone, struct qk_span message,
				void *buffer, size_t size);
