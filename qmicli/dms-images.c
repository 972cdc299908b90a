/*
 * Images: pairs of them as requests, and as text.
 */
#include "dms-images.h"

#include <stddef.h>
#include <string.h>

#include <qmikit/dms.h>

#include "argument.h"
#include "steps.h"

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

/* --- The images that are stored */

static const struct text_row image_text[] = {
	TEXT_LINE("\t\tUnique ID:     '{image-details.unique-id:ascii}'\n"
		  "\t\tBuild ID:      '{image-details.build-id}'\n"),
	TEXT_END,
};

static const struct text_row image_info_text[] = {
	TEXT_IF("boot-version", "\t\tBoot version:  '{major-version}.{minor-version}'\n"),
	TEXT_IF("pri-version", "\t\tPRI version:   '{pri-version}'\n"
			       "\t\tPRI info:      '{pri-info}'\n"),
	TEXT_IF("oem-lock-id", "\t\tOEM lock ID:   '{oem-lock-id}'\n"),
	TEXT_END,
};

static const char *type_name(uint8_t type)
{
	const char *name = qk_value_name(&qk_dms_firmware_image_type_values, type);

	return name ? name : "(null)";
}

/* One image, with what the modem tells about it: it need not. */
static int show_image(struct steps *steps,
		      const struct qk_dms_list_stored_images_response_list *list, size_t index)
{
	enum { NOT_KNOWN = 255 };
	const struct qk_dms_list_stored_images_response_list_sublist *image =
		&list->sublist.items[index];
	const struct qk_dms_get_stored_image_info_request get = {
		.has_image_details = true,
		.image_details = { list->type, image->unique_id, image->build_id },
	};
	const struct qk_method *method = &qk_dms_get_stored_image_info_method;
	const void *info = steps_call(steps, method, &get, "couldn't get image info");

	if (!info && steps->failure->code != EXIT_REFUSED)
		return steps->failure->code;
	steps_forgive(steps);
	steps_say(steps, "%s\t\t[%s%zu]\n",
		  index == list->index_of_running_image ? "\t\t>>>>>>>>>> [CURRENT] <<<<<<<<<<\n"
							: "",
		  type_name(list->type), index);
	steps_show(steps, method->request, &get, image_text);
	if (image->storage_index != NOT_KNOWN)
		steps_say(steps, "\t\tStorage index: '%u'\n", image->storage_index);
	if (image->failure_count != NOT_KNOWN)
		steps_say(steps, "\t\tFailure count: '%u'\n", image->failure_count);
	if (info)
		steps_show(steps, method->response, info, image_info_text);
	steps_say(steps, "\n");
	return 0;
}

int dms_run_list_images(struct steps *steps, void *request)
{
	const struct qk_dms_list_stored_images_response *all = steps_row(steps, request);

	if (!all || steps->json || steps_keep(steps))
		return steps->failure->code;
	for (size_t i = 0; i < all->list.count; i++) {
		const struct qk_dms_list_stored_images_response_list *list = &all->list.items[i];

		for (size_t k = 0; k < list->sublist.count; k++) {
			if (k == 0)
				steps_say(steps, "\t[%zu] Type:    '%s'\n\t    Maximum: '%u'\n\n",
					  i, type_name(list->type), list->maximum_images);
			if (show_image(steps, list, k))
				return steps->failure->code;
		}
	}
	return 0;
}

/* --- To choose among them */

enum { TYPES = 2, NO_INDEX = -1 };

/* What stands behind the request: an index for each type, and the images. */
struct stored_room {
	int indices[TYPES];
	struct qk_dms_firmware_image images[TYPES];
};

_Static_assert(sizeof(struct stored_room) <= DMS_STORED_ROOM, "the room is large enough");
_Static_assert(sizeof(struct qk_dms_delete_stored_image_request) % _Alignof(struct stored_room) ==
		       0,
	       "it may stand behind the request");

static int bad_image(const struct action *action, const char *why, struct qk_string word,
		     struct failure *f)
{
	failure_hint(f, "it takes %s, with the indices of --dms-list-stored-images",
		     action->command->argument->shown);
	return failure_set(f, EXIT_USAGE, "%s: '%.*s'", why, (int)word.size, word.data);
}

/* "modem3": the type and the index. */
static bool read_index(struct qk_string word, uint8_t *ret_type, int *ret_index)
{
	for (uint8_t type = 0; type < TYPES; type++) {
		const char *name = type_name(type);
		size_t size = strlen(name);
		uint64_t index;

		if (word.size < size || memcmp(word.data, name, size))
			continue;
		if (!argument_number((struct qk_string){ word.data + size, word.size - size },
				     UINT8_MAX, &index))
			return false;
		*ret_type = type;
		*ret_index = (int)index;
		return true;
	}
	return false;
}

/* Reads so many of them, each of another type. */
static int read_indices(const struct action *action, int *indices, size_t count, struct failure *f)
{
	const char *at = action->argument;
	size_t found = 0;

	indices[0] = indices[1] = NO_INDEX;
	while (at) {
		struct qk_string word = { at, strcspn(at, ",") };
		uint8_t type = 0;
		int index = 0;

		at = at[word.size] ? at + word.size + 1 : NULL;
		if (!read_index(word, &type, &index))
			return bad_image(action, "invalid image given", word, f);
		if (indices[type] != NO_INDEX)
			return bad_image(action, "a second image of one type given", word, f);
		indices[type] = index;
		found++;
	}
	if (found == count)
		return 0;
	return bad_image(action, found < count ? "too few images given" : "too many images given",
			 (struct qk_string){ action->argument, strlen(action->argument) }, f);
}

int dms_finish_stored_pair(const struct action *action, unsigned int seen, void *request,
			   struct failure *failure)
{
	struct qk_dms_set_firmware_preference_request *set = request;

	(void)seen;
	return read_indices(action, ((struct stored_room *)(set + 1))->indices, 2, failure);
}

int dms_finish_stored_image(const struct action *action, unsigned int seen, void *request,
			    struct failure *failure)
{
	struct qk_dms_delete_stored_image_request *delete = request;

	(void)seen;
	return read_indices(action, ((struct stored_room *)(delete + 1))->indices, 1, failure);
}

/* Finds the images of the indices in what the modem holds, until the next call. */
static int find_images(struct steps *steps, struct stored_room *room)
{
	const struct qk_dms_list_stored_images_response *all = steps_call(
		steps, &qk_dms_list_stored_images_method, NULL, "couldn't list stored images");
	bool found[TYPES] = { 0 };

	for (size_t i = 0; all && i < all->list.count; i++) {
		const struct qk_dms_list_stored_images_response_list *list = &all->list.items[i];
		uint8_t type = list->type;

		if (type >= TYPES || room->indices[type] == NO_INDEX ||
		    (size_t)room->indices[type] >= list->sublist.count)
			continue;

		const struct qk_dms_list_stored_images_response_list_sublist *image =
			&list->sublist.items[room->indices[type]];

		room->images[type] =
			(struct qk_dms_firmware_image){ type, image->unique_id, image->build_id };
		found[type] = true;
	}
	for (uint8_t type = 0; all && type < TYPES; type++)
		if (room->indices[type] != NO_INDEX && !found[type])
			return failure_set(steps->failure, EXIT_FAILED,
					   "couldn't find '%s' image at index '%d'",
					   type_name(type), room->indices[type]);
	return steps->failure->code;
}

int dms_run_select_images(struct steps *steps, void *request)
{
	struct qk_dms_set_firmware_preference_request *set = request;
	struct stored_room *room = (struct stored_room *)(set + 1);
	int code = find_images(steps, room);

	if (code)
		return code;
	set->has_list = true;
	set->list.items = room->images;
	set->list.count = TYPES;
	return steps_row(steps, set) ? 0 : steps->failure->code;
}

int dms_run_delete_image(struct steps *steps, void *request)
{
	struct qk_dms_delete_stored_image_request *delete = request;
	struct stored_room *room = (struct stored_room *)(delete + 1);
	int code = find_images(steps, room);

	if (code)
		return code;
	delete->has_image_details = true;
	delete->image_details = room->images[room->indices[0] == NO_INDEX];
	return steps_row(steps, delete) ? 0 : steps->failure->code;
}
