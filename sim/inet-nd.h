/*
 * ND: the modem as an IPv6 router towards its host: advertises the data call's prefix to who solicits
 * it and answers for its own addresses.
 *
 * Owns: nothing; borrows the bytes. Does not know: data calls, time.
 * Lifetime: plain functions. Called from: datapath.c, tests.
 *
 * The link has no link-layer addresses, so no answer names one. The prefix is for autoconfiguration and
 * not on the link, the lifetimes do not end: 3GPP TS 23.060 9.2.1.1, RFC 6459 5.2. RFC 4861, 8106.
 */
#pragma once

#include "inet.h"

/* Whether a packet is of neighbour discovery, which never leaves the link. */
bool qk_nd_is(const struct qk_ip *ip);

/* Answers a solicitation of a router or a neighbour by what `config` (IPv6) says. The bytes of the
 * packet; 0: nothing is due; -ENOBUFS. */
QK_MUST_CHECK int qk_nd_answer(const struct qk_inet_config *config, const struct qk_ip *ip,
			       void *buffer, size_t size);
