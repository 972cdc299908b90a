/*
 * CBM: what the first page says of the message is told at once, the text when all pages are there.
 */
#include "cbm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The serial number, TS 23.041 9.4.1.2.1. Of the message code's ten bits the upper two are flags of ETWS, which
 * ModemManager leaves out, too. */
enum { CODE_SHIFT = 4, CODE_MASK = 0xff, UPDATE_MASK = 0xf };

/* 93 septets at most, each of which is one code point of the alphabet. */
enum { PAGE_TEXT_MAX = 512 };

static void set(struct cbm *cbm, const struct api_property *property, json_t *take_value)
{
	if (take_value)
		(void)api_object_set(cbm->child.object, property, take_value);
}

const char *cbm_path(const struct cbm *cbm)
{
	return api_object_path(cbm->child.object);
}

bool cbm_has(const struct cbm *cbm, const struct qk_cbs_page *page)
{
	return cbm->serial == page->serial && cbm->channel == page->channel;
}

static bool is_whole(const struct cbm *cbm)
{
	for (size_t i = 0; i < cbm->pages; i++)
		if (!cbm->texts[i])
			return false;
	return true;
}

static void tell_text(struct cbm *cbm)
{
	char text[CBM_PAGES_MAX * PAGE_TEXT_MAX + 1];
	size_t used = 0;

	for (size_t i = 0; i < cbm->pages; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", cbm->texts[i]);
	set(cbm, API_CBM_TEXT, json_string(text));
	set(cbm, API_CBM_STATE, json_integer(MM_CBM_STATE_RECEIVED));
}

int cbm_take(struct cbm *cbm, const struct qk_cbs_page *page)
{
	char text[PAGE_TEXT_MAX];
	char **place;

	if (page->pages != cbm->pages || page->page > cbm->pages)
		return -EBADMSG;
	place = &cbm->texts[page->page - 1];
	if (*place)
		return -EEXIST;
	/* Octets that are no text have none. */
	if (qk_cbs_text(page, text, sizeof(text)) < 0)
		text[0] = 0;
	*place = strdup(text);
	if (!*place)
		return -ENOMEM;
	if (is_whole(cbm))
		tell_text(cbm);
	return 0;
}

int cbm_new(struct modem *modem, const struct qk_cbs_page *page, struct cbm **ret)
{
	struct cbm *cbm = calloc(1, sizeof(*cbm));
	char path[64];
	int r;

	if (!cbm)
		return -ENOMEM;
	cbm->serial = page->serial;
	cbm->channel = page->channel;
	cbm->pages = page->pages;
	snprintf(path, sizeof(path), "/org/freedesktop/ModemManager1/CBM/%u",
		 (*modem->host->next_cbm)++);
	r = api_object_new(modem->bus, path, API_UNLISTED, cbm, &cbm->child.object);
	if (r == 0)
		r = api_object_add(cbm->child.object, API_CBM, NULL, 0);
	if (r == 0) {
		set(cbm, API_CBM_STATE, json_integer(MM_CBM_STATE_RECEIVING));
		set(cbm, API_CBM_CHANNEL, json_integer(cbm->channel));
		set(cbm, API_CBM_MESSAGE_CODE, json_integer(cbm->serial >> CODE_SHIFT & CODE_MASK));
		set(cbm, API_CBM_UPDATE, json_integer(cbm->serial & UPDATE_MASK));
		set(cbm, API_CBM_LANGUAGE, json_string(page->language));
		r = cbm_take(cbm, page);
	}
	if (r < 0)
		cbm_free(cbm);
	else
		*ret = cbm;
	return r;
}

struct cbm *cbm_free(struct cbm *cbm)
{
	if (!cbm)
		return NULL;
	api_object_free(cbm->child.object);
	for (size_t i = 0; i < CBM_PAGES_MAX; i++)
		free(cbm->texts[i]);
	free(cbm);
	return NULL;
}
