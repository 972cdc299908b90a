/*
 * Images: pairs of them as requests, and as text.
 */
#include "dms-images.h"

#include <stddef.h>
#include <string.h>

#include <qmikit/dms.h>

enum { UNIQUE_ID_SIZE = 16, BUILD_ID_MAX = 255 };

/* A modem's image goes with any PRI image: that is how its unique id says so. */
static const char any_pri[] = "?_?";

/* What stands behind the request: the words, and the images that are made of them. */
struct firmware_room {
	struct qk_string firmware, config, carrier;
	struct qk_dms_firmware_image images[2];
	uint8_t unique_ids[2][UNIQUE_ID_SIZE];
	char build_ids[2][BUILD_ID_MAX];
};

_Static_assert(sizeof(struct firmware_room) <= DMS_FIRMWARE_ROOM, "the room is large enough");
_Static_assert(sizeof(struct qk_dms_set_firmware_preference_request) %
			       _Alignof(struct firmware_room) ==
		       0,
	       "it may stand behind the request");

const struct command_part dms_firmware_parts[] = {
	{ .name = "firmware version", .keep = offsetof(struct firmware_room, firmware) },
	{ .name = "config version", .keep = offsetof(struct firmware_room, config) },
	{ .name = "carrier", .keep = offsetof(struct firmware_room, carrier) },
	{ 0 },
};

const struct command_key dms_firmware_keys[] = {
	{ .key = "firmware-version",
	  .keep = offsetof(struct firmware_room, firmware),
	  .once = true,
	  .needed = true },
	{ .key = "config-version",
	  .keep = offsetof(struct firmware_room, config),
	  .once = true,
	  .needed = true },
	{ .key = "carrier",
	  .keep = offsetof(struct firmware_room, carrier),
	  .once = true,
	  .needed = true },
	{ .key = "override-download", .field = "download-override", .once = true },
	{ .key = "modem-storage-index", .field = "modem-storage-index", .once = true },
	{ 0 },
};

/* "FIRMWARE_CARRIER"; the size of the text, or 0 when it is too long. */
static size_t join(struct qk_string firmware, struct qk_string carrier, char *text)
{
	size_t size = firmware.size + 1 + carrier.size;

	if (firmware.size > BUILD_ID_MAX || carrier.size > BUILD_ID_MAX || size > BUILD_ID_MAX)
		return 0;
	memcpy(text, firmware.data, firmware.size);
	text[firmware.size] = '_';
	memcpy(text + firmware.size + 1, carrier.data, carrier.size);
	return size;
}

static bool make_image(struct firmware_room *room, uint8_t type, struct qk_string unique_id,
		       struct qk_string carrier)
{
	uint8_t *unique = room->unique_ids[type];
	char *build = room->build_ids[type];
	size_t size = join(room->firmware, carrier, build);

	if (!size || unique_id.size > UNIQUE_ID_SIZE)
		return false;
	memcpy(unique, unique_id.data, unique_id.size);
	room->images[type] = (struct qk_dms_firmware_image){
		.type = type,
		.unique_id = { unique, UNIQUE_ID_SIZE },
		.build_id = { build, size },
	};
	return true;
}

int dms_finish_firmware_preference(const struct action *action, unsigned int seen, void *request,
				   struct failure *f)
{
	static const struct qk_string any_carrier = { "?", 1 };
	struct qk_dms_set_firmware_preference_request *set = request;
	struct firmware_room *room = (struct firmware_room *)(set + 1);
	struct qk_string any = { any_pri, sizeof(any_pri) - 1 };

	(void)seen;
	if (!make_image(room, QK_DMS_FIRMWARE_IMAGE_TYPE_MODEM, any, any_carrier) ||
	    !make_image(room, QK_DMS_FIRMWARE_IMAGE_TYPE_PRI, room->config, room->carrier)) {
		failure_hint(f,
			     "a config version has at most %u characters, "
			     "a firmware version and a carrier together %u",
			     UNIQUE_ID_SIZE, BUILD_ID_MAX - 1);
		return failure_set(f, EXIT_USAGE, "too long: '%s'", action->argument);
	}
	set->has_list = true;
	set->list.items = room->images;
	set->list.count = 2;
	return 0;
}

/* --- Text */

const struct text_row dms_firmware_preference_text[] = {
	TEXT_LINE("firmware preference successfully retrieved:\n"),
	{ .when = TEXT_EACH,
	  .path = "list",
	  .text = "[image {@}]\n"
		  "\tImage type: '{type}'\n"
		  "\tUnique ID:  '{unique-id:ascii}'\n"
		  "\tBuild ID:   '{build-id}'\n" },
	TEXT_WHERE("list", 0, "no images specified\n"),
	TEXT_END,
};

const struct text_row dms_firmware_selected_text[] = {
	TEXT_LINE("[{@device}] Firmware preference successfully selected\n"
		  "\n"
		  "\tYou may want to power-cycle the modem now, or just set it offline and reset "
		  "it:\n"
		  "\t\t$> sudo qmicli ... --dms-set-operating-mode=offline\n"
		  "\t\t$> sudo qmicli ... --dms-set-operating-mode=reset\n"
		  "\n"),
	TEXT_UNLESS("image-download-list", 0,
		    "\tAfter reset, the modem will wait in QDL mode for new firmware.\n"
		    "\tImages to download: '{image-download-list[]}'\n"
		    "\n"),
	TEXT_WHERE("image-download-list", 0,
		   "\tNo new images are required to be downloaded.\n"
		   "\n"
		   "\tYou should check that the modem|pri image pair is valid by checking the "
		   "current operating mode:\n"
		   "\t\t$> sudo qmicli .... --dms-get-operating-mode\n"
		   "\tIf the Mode is reported as 'online', you're good to go.\n"
		   "\tIf the Mode is reported as 'offline' with a 'pri-version-incompatible' "
		   "reason, you chose an incorrect pair\n"
		   "\n"),
	TEXT_END,
};
