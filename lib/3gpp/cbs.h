/*
 * Cell broadcast: a page as GSM sends it, which is what modems hand over.
 *
 * Owns: nothing; reads borrowed bytes, writes into the caller's buffer.
 * Does not know: which channels somebody listens to, how pages become a message.
 * Lifetime: pure functions.
 * Called from: the virtual modem; the daemon.
 * Sources: 3GPP TS 23.041 9.4.1.2 (the page), 3GPP TS 23.038 5 (its coding scheme).
 */
#pragma once

#include <qmikit/wire.h>

#define QK_CBS_PAGE_SIZE 88

struct qk_cbs_page {
	uint16_t serial;          /* scope (2 bits), message code (10), update number (4) */
	uint16_t channel;         /* the message identifier */
	uint8_t dcs, page, pages; /* which page, from 1, of how many */
	uint8_t coding;           /* enum qk_sms_coding */
	char language[3];         /* ISO 639-1, "" where the page does not say */
	uint8_t skip_bits;        /* of the content, before the text: the language */
	struct qk_span content;   /* borrowed */
};

/* Reads a page; one that ends early has less text. -EBADMSG: not even its head is there. */
QK_PUBLIC QK_MUST_CHECK int qk_cbs_decode(struct qk_span bytes, struct qk_cbs_page *ret);

/* Its text as UTF-8, without what fills it up. Returns as qk_sms_text(). */
QK_PUBLIC QK_MUST_CHECK int qk_cbs_text(const struct qk_cbs_page *page, char *buffer, size_t size);
