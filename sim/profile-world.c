/*
 * Profile, parsing: the world around the modem and what stands on its card (see profile.h). Nothing of it must
 * be in a profile.
 */
#include <errno.h>
#include <string.h>

#include "profile-read.h"
#include "profile.h"

#define AT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define W(member) AT(qk_sim_world, member)
#define N(member) AT(qk_sim_network, member)
#define F(member) AT(qk_sim_profile_file, member)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct qk_sim_word rat_words[] = {
	{ "gsm", QK_SIM_RAT_GSM },
	{ "umts", QK_SIM_RAT_UMTS },
	{ "lte", QK_SIM_RAT_LTE },
	{ NULL, 0 },
};
static const struct qk_sim_word type_words[] = {
	{ "transparent", QK_SIM_FILE_TRANSPARENT },
	{ "linear-fixed", QK_SIM_FILE_LINEAR_FIXED },
	{ "cyclic", QK_SIM_FILE_CYCLIC },
	{ NULL, 0 },
};
static const struct qk_sim_word access_words[] = {
	{ "always", QK_SIM_ACCESS_ALWAYS }, { "pin1", QK_SIM_ACCESS_PIN1 },
	{ "pin2", QK_SIM_ACCESS_PIN2 },     { "adm", QK_SIM_ACCESS_ADM },
	{ "never", QK_SIM_ACCESS_NEVER },   { NULL, 0 },
};

static const struct qk_sim_member world_members[] = {
	{ "scan-usec", UINT, W(scan_usec), .max = 600000000, .optional = true },
	{ "utc", UINT, W(utc_sec), .max = 0xffffffff, .optional = true },
	{ "zone-quarters", INT, W(zone_quarters), .min = -48, .max = 56, .optional = true },
	{ "saving-hours", UINT, W(saving_hours), .max = 2, .optional = true },
};

static const struct qk_sim_member network_members[] = {
	{ "mcc", UINT, N(plmn.mcc), .min = 1, .max = 999 },
	{ "mnc", UINT, N(plmn.mnc), .max = 999 },
	{ "mnc-digits", UINT, N(plmn.mnc_digits), .min = 2, .max = 3 },
	{ "name", TEXT, N(plmn.name) },
	{ "short-name", TEXT, N(plmn.short_name), .optional = true },
	{ "forbidden", BOOL, N(forbidden), .optional = true },
	{ "hidden", BOOL, N(hidden), .optional = true },
	{ "cause", UINT, N(cause), .max = 255, .optional = true },
	{ "radio-interface", WORD, N(cell.rat), .words = rat_words },
	{ "band", UINT, N(cell.band), .max = 1900 },
	{ "channel", UINT, N(cell.channel), .max = 262143 },
	{ "pci", UINT, N(cell.pci), .max = 511 },
	{ "area", UINT, N(cell.area), .max = UINT16_MAX },
	{ "cell-id", UINT, N(cell.cell_id), .max = 0xfffffff },
	{ "rssi", INT, N(cell.rssi_dbm), .min = -125, .max = -1 },
	{ "rsrq", INT, N(cell.rsrq_db), .min = -40, .max = 0, .optional = true },
	{ "rsrp", INT, N(cell.rsrp_dbm), .min = -156, .max = -1, .optional = true },
	{ "snr", INT, N(cell.snr_tenth_db), .min = -200, .max = 400, .optional = true },
};

static const struct qk_sim_member file_members[] = {
	{ "path", HEX, F(path) },
	{ "type", WORD, F(file.type), .words = type_words },
	{ "record-size", UINT, F(file.record_size), .min = 1, .max = 255, .optional = true },
	{ "size", UINT, F(file.size), .min = 1, .max = QK_SIM_FILE_BYTES_MAX / 2 },
	{ "read", WORD, F(file.read), .words = access_words },
	{ "write", WORD, F(file.write), .words = access_words },
	{ "content", HEX, F(content) },
	{ "what", NOTE },
};

static const struct qk_sim_section networks = { "networks", network_members,
						COUNT(network_members) };
static const struct qk_sim_word presence_words[] = {
	{ "absent", QK_SIM_CARD_ABSENT },
	{ "present", QK_SIM_CARD_PRESENT },
	{ NULL, 0 },
};

static const struct qk_sim_member slot_members[] = {
	{ "state", WORD, AT(qk_sim_profile_slot, state), .words = presence_words },
	{ "iccid", DIGITS, AT(qk_sim_profile_slot, iccid), .max = 19 },
	{ "imsi", DIGITS, AT(qk_sim_profile_slot, imsi), .max = 15 },
	{ "msisdn", DIGITS, AT(qk_sim_profile_slot, msisdn), .max = 12 },
	{ "pin1", WORD, AT(qk_sim_profile_slot, pin1), .words = qk_sim_pin_words },
	{ "spn", TEXT, AT(qk_sim_profile_slot, spn) },
	{ "eid", HEX, AT(qk_sim_profile_slot, eid), .optional = true },
};

static const struct qk_sim_section slots = { "slots", slot_members, COUNT(slot_members) };
static const struct qk_sim_section files = { "files", file_members, COUNT(file_members) };

void qk_sim_profile_defaults(struct qk_sim_profile *profile)
{
	struct qk_sim_card *card = &profile->card;

	memcpy(card->pin1.code, "1234", 5);
	memcpy(card->pin2.code, "5678", 5);
	memcpy(card->pin1.unblock_code, "12345678", 9);
	memcpy(card->pin2.unblock_code, "87654321", 9);
	profile->sim.detect_usec = 300000;
	profile->sim.initialize_usec = 500000;
	profile->world.scan_usec = 45000000;
	profile->world.utc_sec = 1767225600; /* the first second of 2026 */
}

static bool is_code(const char *code, size_t least)
{
	return strlen(code) >= least && strlen(code) <= QK_SIM_CODE_MAX;
}

static int check_card(const struct qk_sim_context *context, const struct qk_sim_card *card)
{
	if (!is_code(card->pin1.code, QK_SIM_CODE_MIN) ||
	    !is_code(card->pin2.code, QK_SIM_CODE_MIN))
		return qk_sim_refuse(context, "card", "a PIN must have 4 to 8 digits");
	if (!is_code(card->pin1.unblock_code, QK_SIM_CODE_MAX) ||
	    !is_code(card->pin2.unblock_code, QK_SIM_CODE_MAX))
		return qk_sim_refuse(context, "card", "a PUK must have 8 digits");
	return 0;
}

/* The path becomes ids, and the content must fit. */
static int finish_file(const struct qk_sim_context *context, struct qk_sim_profile_file *from)
{
	struct qk_sim_file *file = &from->file;
	uint16_t ids[QK_SIM_PATH_MAX];

	if (from->path_size < 4 || from->path_size % 2 || from->path[0] != 0x3f || from->path[1])
		return qk_sim_refuse(context, "files", "a path must go from 3f00 to a file");
	for (size_t i = 0; i < from->path_size / 2u; i++)
		ids[i] = (uint16_t)(from->path[2 * i] << 8 | from->path[2 * i + 1]);
	file->path = qk_sim_path(ids, from->path_size / 2u);
	if (from->content_size > file->size)
		return qk_sim_refuse(context, "files", "the content is larger than the file");
	if ((file->type == QK_SIM_FILE_TRANSPARENT) != !file->record_size)
		return qk_sim_refuse(context, "files", "record-size is for files with records");
	if (file->record_size &&
	    (file->size % file->record_size || file->size / file->record_size > 255))
		return qk_sim_refuse(context, "files", "size must be whole records, 255 at most");
	return 0;
}

int qk_sim_profile_read_world(const struct qk_sim_context *context, json_t *root,
			      struct qk_sim_profile *profile)
{
	json_t *world = json_object_get(root, "world");
	json_t *network_list = json_object_get(root, "networks");
	json_t *file_list = json_object_get(root, "files");
	json_t *slot_list = json_object_get(root, "slots");
	int r = check_card(context, &profile->card);

	if (r == 0 && world)
		r = qk_sim_read_object(context, "world", world, world_members, COUNT(world_members),
				       &profile->world);
	if (r == 0 && network_list)
		r = qk_sim_read_list(context, "networks", network_list, &networks,
				     profile->networks, sizeof(profile->networks[0]),
				     COUNT(profile->networks) - 1, &profile->network_count);
	if (r == 0 && file_list)
		r = qk_sim_read_list(context, "files", file_list, &files, profile->files,
				     sizeof(profile->files[0]), COUNT(profile->files),
				     &profile->file_count);
	if (r == 0 && slot_list)
		r = qk_sim_read_list(context, "slots", slot_list, &slots, profile->slots,
				     sizeof(profile->slots[0]), COUNT(profile->slots),
				     &profile->slot_count);
	for (size_t i = 0; r == 0 && i < profile->file_count; i++)
		r = finish_file(context, &profile->files[i]);
	return r;
}
