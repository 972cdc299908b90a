/*
 * WMS: where messages go that arrive, and which cell broadcasts are taken.
 */
#include <qmikit/wms.h>

#include <string.h>

#include "argument.h"
#include "options.h"
#include "services.h"

enum { ROUTES_MAX = 32, CHANNELS_MAX = 128 };

/* --- Routes */

/* All four for each route, in any order. */
static const struct command_key route_keys[] = {
	{ .key = "type", .field = "message-type", .once = true, .needed = true },
	{ .key = "class", .field = "message-class", .once = true, .needed = true },
	{ .key = "storage", .field = "storage", .once = true, .needed = true },
	{ .key = "receipt-action", .field = "receipt-action", .once = true, .needed = true },
	{ 0 },
};

static const struct text_row routes_text[] = {
	TEXT_LINE("[{@device}] Got {#route-list} SMS routes:\n"),
	{ .when = TEXT_EACH,
	  .path = "route-list",
	  .text = "  Route #{@1}:\n"
		  "      Message Type: {message-type|unknown}\n"
		  "     Message Class: {message-class|unknown}\n"
		  "      Storage Type: {storage|unknown}\n"
		  "    Receipt Action: {receipt-action|unknown}\n" },
	TEXT_END,
};

/* --- Channels: 4370,4371-4380 */

struct channels {
	struct qk_wms_broadcast_channel items[CHANNELS_MAX];
};

static int bad_channel(struct qk_string range, struct failure *f)
{
	failure_hint(f, "give channels and ranges of them, as in 4370,4371-4380, up to 65535");
	return failure_set(f, EXIT_USAGE, "invalid CBS channels given: '%.*s'", (int)range.size,
			   range.data);
}

/* "4370" or "4371-4380" */
static bool read_channel(struct qk_string range, struct qk_wms_broadcast_channel *ret)
{
	const char *dash = memchr(range.data, '-', range.size);
	struct qk_string first = range, last = range;
	uint64_t start, end;

	if (dash) {
		first.size = (size_t)(dash - range.data);
		last = (struct qk_string){ dash + 1, range.size - first.size - 1 };
	}
	if (!argument_number(first, UINT16_MAX, &start) || !argument_number(last, UINT16_MAX, &end))
		return false;
	*ret = (struct qk_wms_broadcast_channel){ (uint16_t)start, (uint16_t)end, true };
	return start <= end;
}

static int finish_channels(const struct action *action, unsigned int seen, void *request,
			   struct failure *failure)
{
	struct qk_wms_set_broadcast_config_request *config = request;
	/* The engine made room behind the struct, which keeps the alignment of its own members. */
	struct channels *channels = (struct channels *)(config + 1);
	const char *rest = action->argument;
	size_t count = 0;

	(void)seen;
	while (rest) {
		struct qk_string range = { rest, strcspn(rest, ",") };

		if (count == CHANNELS_MAX)
			return failure_set(failure, EXIT_USAGE, "more than %d CBS channels given",
					   CHANNELS_MAX);
		if (!read_channel(range, &channels->items[count++]))
			return bad_channel(range, failure);
		rest = rest[range.size] ? rest + range.size + 1 : NULL;
	}
	config->has_channels = true;
	config->channels.items = channels->items;
	config->channels.count = count;
	return 0;
}

_Static_assert(sizeof(struct qk_wms_set_broadcast_config_request) % _Alignof(struct channels) == 0,
	       "channels may stand behind the request");

/* libqmi's tool begins its list with a comma when its first range is not taken. */
static void print_channel(const struct text_scope *scope, struct output *out)
{
	unsigned int start = (unsigned int)text_number(scope, "start", 0);
	unsigned int end = (unsigned int)text_number(scope, "end", 0);

	if (!text_number(scope, "selected", 0))
		return;
	output_printf(out, scope->index ? ",%u" : "%u", start);
	if (start != end)
		output_printf(out, "-%u", end);
}

static const struct text_row channels_text[] = {
	TEXT_LINE("[{@device}] Successfully get cbs channels: "),
	{ .when = TEXT_EACH, .path = "channels", TEXT_PRINT(print_channel) },
	TEXT_LINE("\n"),
	TEXT_END,
};

static const struct command_preset mode_presets[] = {
	{ "message-mode", QK_WMS_MESSAGE_MODE_GSM_WCDMA },
	{ 0 },
};

static const struct command commands[] = {
	COMMAND_SUPPORTED_MESSAGES(wms, WMS),
	{ .name = "wms-get-routes",
	  .method = "wms/get-routes",
	  .help = "Show where messages go that arrive",
	  .failure = "couldn't get SMS routes",
	  .text = routes_text },
	{ .name = "wms-set-routes",
	  .method = "wms/set-routes",
	  .help = "Say where messages go that arrive",
	  .argument = TAKES("KEY=VALUE,...", .keys = route_keys, .items = "route-list",
			    .room = sizeof(struct qk_wms_route) * ROUTES_MAX),
	  .failure = "couldn't set SMS routes",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully set SMS routes\n")) },
	{ .name = "wms-set-cbs-channels",
	  .method = "wms/set-broadcast-config",
	  .help = "Say which cell broadcasts are taken",
	  .argument = TAKES("FIRST[-LAST],...", .finish = finish_channels,
			    .room = sizeof(struct channels)),
	  .course = COURSE(.presets = mode_presets),
	  .failure = "couldn't set CBS channels",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully set cbs channels\n")) },
	{ .name = "wms-get-cbs-channels",
	  .method = "wms/get-broadcast-config",
	  .help = "Show which cell broadcasts are taken",
	  .course = COURSE(.presets = mode_presets, .needs = NAMES("config")),
	  .failure = "couldn't get CBS channels",
	  .text = TEXT_ROWS({ .when = TEXT_PRESENT, .path = "config", .rows = channels_text }) },
	COMMAND_RESET(wms, WMS),
	COMMAND_NOOP(wms),
	{ 0 },
};

const struct command_service commands_wms = { QK_SERVICE_ID_WMS, "wms",
					      "Wireless Messaging Service", commands };
