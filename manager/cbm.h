/*
 * CBM: one cell broadcast message of a modem, of one to 15 pages: its object on the bus.
 *
 * Owns: the object, the pages' texts. Does not know: how pages arrive, how many messages there may be
 * (cell-broadcast.c). Lifetime: cbm_new() to cbm_free(). Called from: cell-broadcast.c.
 */
#pragma once

#include "api/object.h"
#include "children.h"
#include "lib/3gpp/cbs.h"
#include "modem.h"

enum { CBM_PAGES_MAX = 15 };

struct cbm {
	struct child child; /* in the list of the modem's */
	uint16_t serial, channel;
	uint8_t pages;              /* that there shall be */
	char *texts[CBM_PAGES_MAX]; /* NULL: not there yet */
};

/* Of the page that came first, which may be any. -EBADMSG: it is none of its message; -ENOMEM, or what the bus says. */
QK_MUST_CHECK int cbm_new(struct modem *modem, const struct qk_cbs_page *page, struct cbm **ret);
/* Off the bus. NULL is fine; returns NULL. */
struct cbm *cbm_free(struct cbm *cbm);
const char *cbm_path(const struct cbm *cbm);

/* Whether a page belongs to the message. */
bool cbm_has(const struct cbm *cbm, const struct qk_cbs_page *page);
/* Takes a page of it; -EEXIST: it is there, as cells repeat them; -EBADMSG: there is no such page; -ENOMEM. */
QK_MUST_CHECK int cbm_take(struct cbm *cbm, const struct qk_cbs_page *page);
