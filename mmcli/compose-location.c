/*
 * Compose, location: cells, positions and sentences, and what helps a receiver, in the words of stock's screens.
 */
#include "mmcli/compose.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api-names.h"
#include "mmcli/order.h"

#define UNUSED (void)show, (void)row, (void)value

/* Location: what can be set. */

static json_int_t sources(const struct show *show)
{
	return json_integer_value(show_property(show, API_LOCATION_CAPABILITIES));
}

static bool has_gps(const struct show *show)
{
	return sources(show) &
	       (MM_MODEM_LOCATION_SOURCE_GPS_RAW | MM_MODEM_LOCATION_SOURCE_GPS_NMEA);
}

COMPOSE(gps_rate)
{
	return has_gps(show) ? show_number(show, row, value) : NULL;
}

COMPOSE(gps_supl)
{
	bool agps = sources(show) &
		    (MM_MODEM_LOCATION_SOURCE_AGPS_MSA | MM_MODEM_LOCATION_SOURCE_AGPS_MSB);

	return has_gps(show) && agps ? show_text(show, row, value) : NULL;
}

COMPOSE(gps_assistance)
{
	return has_gps(show) ? show_flags_array(show, row, value) : json_null();
}

COMPOSE(gps_servers)
{
	bool any = json_integer_value(show_property(show, API_LOCATION_SUPPORTED_ASSISTANCE_DATA));

	return has_gps(show) && any ? show_array(show, row, value) : json_null();
}

/* Location: what is known. The object is the answer: {SOURCE: [SIGNATURE, VALUE]}. */

static const json_t *source(const struct show *show, int number)
{
	char key[16];

	snprintf(key, sizeof(key), "%d", number);
	return json_array_get(json_object_get(show->object, key), 1);
}

struct cell_place {
	const char *part[5]; /* MCC, MNC, LAC, cell, TAC */
	int length[5];
};

/* "310,260,1234,ABCD,56": false, where there is no such text. */
static bool cell_place(const struct show *show, struct cell_place *ret)
{
	static const int longest[] = { 3, 3, 4, 8, 8 };
	const char *text = json_string_value(source(show, MM_MODEM_LOCATION_SOURCE_3GPP_LAC_CI));

	for (size_t i = 0; text && i < 5; i++) {
		size_t length = strspn(text, i < 2 ? "0123456789" : "0123456789abcdefABCDEF");

		if (length == 0 || (int)length > longest[i] || (text[length] != ',' && i < 4))
			return false;
		ret->part[i] = text;
		ret->length[i] = (int)length;
		text += length + (i < 4);
	}
	return text && (!*text || *text == ',');
}

COMPOSE(mcc)
{
	struct cell_place place;

	UNUSED;
	return cell_place(show, &place) ? show_format("%03lu", strtoul(place.part[0], NULL, 10))
					: NULL;
}

COMPOSE(mnc)
{
	struct cell_place place;

	UNUSED;
	return cell_place(show, &place) ? show_format("%0*lu", place.length[1] == 3 ? 3 : 2,
						      strtoul(place.part[1], NULL, 10))
					: NULL;
}

static json_t *place_part(const struct show *show, size_t part, int width)
{
	struct cell_place place;

	if (!cell_place(show, &place))
		return NULL;
	return show_format("%0*lX", width, strtoul(place.part[part], NULL, 16));
}

COMPOSE(lac)
{
	UNUSED;
	return place_part(show, 2, 4);
}

COMPOSE(tac)
{
	UNUSED;
	return place_part(show, 4, 6);
}

COMPOSE(cell_id)
{
	UNUSED;
	return place_part(show, 3, 8);
}

/* Whether a sentence is a later part of a sequence: $GPGSV,3,2,… */
static bool goes_on(const char *sentence)
{
	static const char *const types[] = { "ALM", "GSV", "RTE", "SFI" };

	for (const char *at = strchr(sentence, '$'); at; at = strchr(at + 1, '$'))
		for (size_t i = 0; strlen(at) > 9 && i < 4; i++)
			if (strncmp(at + 3, types[i], 3) == 0 && at[6] == ',' && isdigit(at[7]) &&
			    at[8] == ',' && isdigit(at[9]))
				return at[9] != '1';
	return false;
}

/* Sentences by their type, the last of each but for sequences. */
struct sentences {
	size_t count;
	char *type[ORDER_MAX];
	json_t *texts[ORDER_MAX];
};

static size_t find_type(struct sentences *all, const char *sentence, size_t length)
{
	size_t at = 0;

	while (at < all->count &&
	       (strncmp(all->type[at], sentence, length) != 0 || strlen(all->type[at]) != length))
		at++;
	return at;
}

static void take_sentence(struct sentences *all, const char *sentence)
{
	const char *comma = strchr(sentence, ',');
	size_t length = comma ? (size_t)(comma - sentence) : 0;
	size_t at = find_type(all, sentence, length), i;

	if (!length || at == ORDER_MAX)
		return;
	if (at == all->count) {
		all->type[at] = strndup(sentence, length);
		all->texts[at] = json_array();
		all->count++;
	}
	if (!goes_on(sentence))
		json_array_clear(all->texts[at]);
	for (i = 0; i < json_array_size(all->texts[at]); i++)
		if (strstr(json_string_value(json_array_get(all->texts[at], i)), sentence))
			return;
	json_array_append_new(all->texts[at], json_string(sentence));
}

COMPOSE(nmea)
{
	const char *text = json_string_value(source(show, MM_MODEM_LOCATION_SOURCE_GPS_NMEA));
	json_t *lines = text ? show_split(text, '\n') : NULL, *array = json_array();
	struct sentences all = { 0 };
	uint32_t hashes[ORDER_MAX];
	size_t order[ORDER_MAX];

	UNUSED;
	for (size_t i = 0; i < json_array_size(lines); i++)
		take_sentence(&all, json_string_value(json_array_get(lines, i)));
	for (size_t i = 0; i < all.count; i++)
		hashes[i] = order_hash(all.type[i]);
	order_walk(hashes, all.count, order);
	for (size_t i = 0; i < all.count; i++)
		json_array_extend(array, all.texts[order[i]]);
	for (size_t i = 0; i < all.count; i++) {
		free(all.type[i]);
		json_decref(all.texts[i]);
	}
	json_decref(lines);
	if (all.count)
		return array;
	json_decref(array);
	return json_null();
}

COMPOSE(gps_text)
{
	UNUSED;
	return show_text(
		show, row,
		json_object_get(source(show, MM_MODEM_LOCATION_SOURCE_GPS_RAW), row->unit));
}

static json_t *degrees(const json_t *from, const char *key)
{
	return from ? show_format("%f", json_number_value(json_object_get(from, key))) : NULL;
}

COMPOSE(gps_degrees)
{
	UNUSED;
	return degrees(source(show, MM_MODEM_LOCATION_SOURCE_GPS_RAW), row->unit);
}

COMPOSE(cdma_degrees)
{
	UNUSED;
	return degrees(source(show, MM_MODEM_LOCATION_SOURCE_CDMA_BS), row->unit);
}
