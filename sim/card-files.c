/*
 * Card, files: which files a USIM has, what stands in them at first, and reading and writing them (see
 * card.h). Sizes and rights: TS 31.102 4.2, TS 51.011 10; the contents follow from the identity.
 */
#include "card-files.h"
#include "profile.h"
#include "state.h"

#include <stdio.h>
#include <string.h>

#include "lib/3gpp/sim-file.h"

#define MF 0x3f00
#define USIM 0x7fff
#define GSM 0x7f20
#define TELECOM 0x7f10

#define EMPTY 0xff

struct file_row {
	uint16_t ids[3]; /* 0 ends them */
	uint8_t type;
	uint8_t read, write;
	uint16_t size;
	uint8_t record_size;
	/* Writes what is not 0xff. */
	void (*fill)(const struct qk_sim_state *state, uint8_t *bytes, size_t size);
};

static struct qk_plmn plmn_of(const struct qk_sim_plmn *plmn)
{
	return (struct qk_plmn){ plmn->mcc, plmn->mnc, plmn->mnc_digits };
}

static void fill_iccid(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	(void)size;
	qk_iccid_write(state->card.iccid, bytes);
}

static void fill_imsi(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	(void)size;
	qk_imsi_write(state->card.imsi, bytes);
}

static void fill_ad(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	memset(bytes, 0, size);
	bytes[3] = state->profile->network.mnc_digits;
}

/* Show the name beside the network's at home: condition 1. */
static void fill_spn(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	bytes[0] = 0x01;
	qk_alpha_write(state->card.spn, bytes + 1, size - 1);
}

static void fill_gid1(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	const struct qk_sim_card_contents *sim = &state->profile->sim;

	memcpy(bytes, sim->gid1, sim->gid1_size < size ? sim->gid1_size : size);
}

static void fill_gid2(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	const struct qk_sim_card_contents *sim = &state->profile->sim;

	memcpy(bytes, sim->gid2, sim->gid2_size < size ? sim->gid2_size : size);
}

/* Two records, the first has the number. */
static void fill_msisdn(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	char number[32];

	if (!state->identity.msisdn[0])
		return;
	snprintf(number, sizeof(number), "+%s", state->identity.msisdn);
	(void)!qk_dialling_write("", number, bytes, size / 2);
}

static void fill_smsp(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	char number[32];

	if (!state->profile->sim.service_centre[0])
		return;
	snprintf(number, sizeof(number), "+%s", state->profile->sim.service_centre);
	(void)!qk_smsp_write("", number, bytes, size / 2);
}

/* The access class is the last digit of the IMSI. */
static void fill_acc(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	size_t length = strlen(state->card.imsi);
	unsigned int bit = length ? 1u << (state->card.imsi[length - 1] - '0') : 1;

	(void)size;
	bytes[0] = (uint8_t)(bit >> 8);
	bytes[1] = (uint8_t)bit;
}

/* Nowhere yet: no temporary identity, the area of nobody, not updated. */
static void fill_loci(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	(void)state;
	bytes[7] = 0xff;
	bytes[8] = 0xfe;
	bytes[size - 1] = 0x01;
}

static void fill_not_updated(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	(void)state;
	bytes[size - 1] = 0x01;
}

static uint16_t acts_of(uint32_t rats)
{
	unsigned int acts = 0;

	acts |= rats & QK_SIM_RAT_GSM ? QK_PLMN_ACT_GSM : 0;
	acts |= rats & QK_SIM_RAT_UMTS ? QK_PLMN_ACT_UTRAN : 0;
	acts |= rats & QK_SIM_RAT_LTE ? QK_PLMN_ACT_EUTRAN : 0;
	return (uint16_t)acts;
}

static void put_plmn_act(uint8_t *entry, const struct qk_plmn *plmn, uint32_t rats)
{
	uint16_t acts = acts_of(rats);

	qk_plmn_write(plmn, entry);
	entry[3] = (uint8_t)(acts >> 8);
	entry[4] = (uint8_t)acts;
}

static void clear_plmn_act(uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at + QK_PLMN_ACT_SIZE <= size; at += QK_PLMN_ACT_SIZE)
		bytes[at + 3] = bytes[at + 4] = 0;
}

static void fill_user_plmn(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	const struct qk_sim_profile *profile = state->profile;

	clear_plmn_act(bytes, size);
	for (size_t i = 0; i < profile->preferred_count && (i + 1) * QK_PLMN_ACT_SIZE <= size;
	     i++) {
		const struct qk_sim_preferred *from = &profile->preferred[i];
		const struct qk_plmn plmn = { from->mcc, from->mnc, from->mnc_digits };

		put_plmn_act(bytes + i * QK_PLMN_ACT_SIZE, &plmn, from->rats);
	}
}

static void fill_operator_plmn(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	(void)state;
	clear_plmn_act(bytes, size);
}

static void fill_home_plmn(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	const struct qk_plmn home = plmn_of(&state->profile->network);

	clear_plmn_act(bytes, size);
	put_plmn_act(bytes, &home, QK_SIM_RAT_ALL);
}

static void fill_fplmn(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	const struct qk_sim_profile *profile = state->profile;
	size_t at = 0;

	for (size_t i = 0; i < profile->network_count && at + QK_PLMN_SIZE <= size; i++) {
		const struct qk_plmn plmn = plmn_of(&profile->networks[i].plmn);

		if (!profile->networks[i].forbidden)
			continue;
		qk_plmn_write(&plmn, bytes + at);
		at += QK_PLMN_SIZE;
	}
}

static void fill_ehplmn(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	const struct qk_plmn home = plmn_of(&state->profile->network);

	(void)size;
	qk_plmn_write(&home, bytes);
}

/* Every how many tenths of an hour to look for the home network. */
static void fill_hpplmn(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	(void)state;
	memset(bytes, 5, size);
}

/* The services of the card: those whose files it has (TS 31.102 4.2.8). */
static void fill_ust(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	static const uint8_t services[] = { 1,  2,  10, 12, 17, 18, 19, 20, 21,
					    27, 42, 43, 45, 46, 47, 71, 85 };

	(void)state;
	memset(bytes, 0, size);
	for (size_t i = 0; i < sizeof(services); i++)
		bytes[(services[i] - 1) / 8] |= (uint8_t)(1u << (services[i] - 1) % 8);
}

static void fill_zero(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	(void)state;
	memset(bytes, 0, size);
}

static void fill_dir(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	static const char label[] = "USIM";
	const struct qk_sim_card *card = &state->card;
	struct qk_writer w = qk_writer(bytes, size);

	qk_write_uint(&w, 0x61, 1, false);
	qk_write_uint(&w, 2u + card->aid_size + 2 + sizeof(label) - 1, 1, false);
	qk_write_uint(&w, 0x4f, 1, false);
	qk_write_uint(&w, card->aid_size, 1, false);
	qk_write_bytes(&w, card->aid, card->aid_size);
	qk_write_uint(&w, 0x50, 1, false);
	qk_write_uint(&w, sizeof(label) - 1, 1, false);
	qk_write_bytes(&w, label, sizeof(label) - 1);
}

static void fill_pnn(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	const char *name = state->profile->network.name;
	const char *brief = state->profile->network.short_name;
	int used = qk_pnn_write(0x43, name, bytes, size);

	if (used > 0)
		(void)!qk_pnn_write(0x45, brief[0] ? brief : name, bytes + used,
				    size - (size_t)used);
}

/* All areas of the home network have the name of record 1. */
static void fill_opl(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	const struct qk_plmn home = plmn_of(&state->profile->network);
	static const uint8_t areas[] = { 0x00, 0x00, 0xff, 0xfe, 0x01 };

	(void)size;
	qk_plmn_write(&home, bytes);
	memcpy(bytes + QK_PLMN_SIZE, areas, sizeof(areas));
}

static void fill_language(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	(void)state;
	(void)size;
	memcpy(bytes, "en", 2);
}

static void fill_ecc(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	static const uint8_t numbers[] = { 0x11, 0xf2, 0xff, 0x00, 0x19, 0xf1, 0xff, 0x00 };

	(void)state;
	memcpy(bytes, numbers, size < sizeof(numbers) ? size : sizeof(numbers));
}

/* Who may read and who may write: a record each of the files of access rules. */
static const struct {
	uint8_t read, write;
} rules[] = {
	{ QK_SIM_ACCESS_ALWAYS, QK_SIM_ACCESS_ADM },  { QK_SIM_ACCESS_PIN1, QK_SIM_ACCESS_PIN1 },
	{ QK_SIM_ACCESS_PIN1, QK_SIM_ACCESS_ADM },    { QK_SIM_ACCESS_PIN1, QK_SIM_ACCESS_PIN2 },
	{ QK_SIM_ACCESS_ALWAYS, QK_SIM_ACCESS_PIN1 }, { QK_SIM_ACCESS_ALWAYS, QK_SIM_ACCESS_NEVER },
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

/* Which record of the file of access rules (2F06, in the USIM 6F06) holds for a file. */
static uint8_t rule_of(const struct qk_sim_file *file)
{
	for (size_t i = 0; i < RULES; i++)
		if (rules[i].read == file->read && rules[i].write == file->write)
			return (uint8_t)(i + 1);
	return 1;
}

/* TS 102 221 9.2.7: the access (1 to read, 2 to write), then always, never, or the key that is asked for. */
static void write_condition(struct qk_writer *w, uint8_t access_mode, uint8_t access)
{
	static const uint8_t keys[] = {
		[QK_SIM_ACCESS_PIN1] = 0x01, [QK_SIM_ACCESS_PIN2] = 0x81, [QK_SIM_ACCESS_ADM] = 0x0a
	};
	const uint8_t mode[] = { 0x80, 0x01, access_mode };

	qk_write_bytes(w, mode, sizeof(mode));
	if (access == QK_SIM_ACCESS_ALWAYS || access == QK_SIM_ACCESS_NEVER) {
		qk_write_uint(w, access == QK_SIM_ACCESS_ALWAYS ? 0x9000 : 0x9700, 2, true);
		return;
	}
	const uint8_t key[] = { 0xa4, 0x06, 0x83, 0x01, keys[access], 0x95, 0x01, 0x08 };
	qk_write_bytes(w, key, sizeof(key));
}

static void fill_arr(const struct qk_sim_state *state, uint8_t *bytes, size_t size)
{
	(void)state;
	for (size_t i = 0; i < RULES; i++) {
		struct qk_writer w = qk_writer(bytes + i * (size / RULES), size / RULES);

		write_condition(&w, 0x01, rules[i].read);
		write_condition(&w, 0x02, rules[i].write);
	}
}

#define T QK_SIM_FILE_TRANSPARENT
#define L QK_SIM_FILE_LINEAR_FIXED
#define C QK_SIM_FILE_CYCLIC
#define D QK_SIM_FILE_FOLDER
#define ALW QK_SIM_ACCESS_ALWAYS
#define P1 QK_SIM_ACCESS_PIN1
#define P2 QK_SIM_ACCESS_PIN2
#define ADM QK_SIM_ACCESS_ADM

static const struct file_row rows[] = {
	{ { MF }, D, ALW, ADM, 0, 0, NULL },
	{ { MF, 0x2f00 }, L, ALW, ADM, 2 * 38, 38, fill_dir },
	{ { MF, 0x2f05 }, T, ALW, P1, 10, 0, fill_language },
	{ { MF, 0x2f06 }, L, ALW, ADM, 6 * 32, 32, fill_arr },
	{ { MF, 0x2fe2 }, T, ALW, QK_SIM_ACCESS_NEVER, 10, 0, fill_iccid },
	{ { MF, TELECOM }, D, ALW, ADM, 0, 0, NULL },
	{ { MF, TELECOM, 0x6f3a }, L, P1, P1, 250 * 30, 30, NULL }, /* ADN */
	{ { MF, USIM }, D, ALW, ADM, 0, 0, NULL },
	{ { MF, USIM, 0x6f05 }, T, ALW, P1, 10, 0, fill_language },
	{ { MF, USIM, 0x6f06 }, L, ALW, ADM, 6 * 32, 32, fill_arr },
	{ { MF, USIM, 0x6f07 }, T, P1, ADM, QK_IMSI_SIZE, 0, fill_imsi },
	{ { MF, USIM, 0x6f08 }, T, P1, P1, 33, 0, NULL }, /* keys */
	{ { MF, USIM, 0x6f09 }, T, P1, P1, 33, 0, NULL }, /* keys of the packet domain */
	{ { MF, USIM, 0x6f31 }, T, P1, ADM, 1, 0, fill_hpplmn },
	{ { MF, USIM, 0x6f38 }, T, P1, ADM, 12, 0, fill_ust },
	{ { MF, USIM, 0x6f3b }, L, P1, P2, 10 * 30, 30, NULL }, /* FDN */
	{ { MF, USIM, 0x6f3e }, T, P1, ADM, 4, 0, fill_gid1 },
	{ { MF, USIM, 0x6f3f }, T, P1, ADM, 4, 0, fill_gid2 },
	{ { MF, USIM, 0x6f40 }, L, P1, P1, 2 * 30, 30, fill_msisdn },
	{ { MF, USIM, 0x6f42 }, L, P1, P1, 2 * 40, 40, fill_smsp },
	{ { MF, USIM, 0x6f43 }, T, P1, P1, 2, 0, NULL }, /* state of messages */
	{ { MF, USIM, 0x6f46 }, T, ALW, ADM, 17, 0, fill_spn },
	{ { MF, USIM, 0x6f56 }, T, P1, P2, 1, 0, fill_zero }, /* what PIN2 has switched on */
	{ { MF, USIM, 0x6f5b }, T, P1, P1, 6, 0, fill_zero }, /* ciphering hyperframe numbers */
	{ { MF, USIM, 0x6f60 }, T, P1, P1, 16 * QK_PLMN_ACT_SIZE, 0, fill_user_plmn },
	{ { MF, USIM, 0x6f61 }, T, P1, ADM, 16 * QK_PLMN_ACT_SIZE, 0, fill_operator_plmn },
	{ { MF, USIM, 0x6f62 }, T, P1, ADM, 2 * QK_PLMN_ACT_SIZE, 0, fill_home_plmn },
	{ { MF, USIM, 0x6f73 }, T, P1, P1, 14, 0, fill_not_updated }, /* of the packet domain */
	{ { MF, USIM, 0x6f78 }, T, P1, ADM, 2, 0, fill_acc },
	{ { MF, USIM, 0x6f7b }, T, P1, P1, 8 * QK_PLMN_SIZE, 0, fill_fplmn },
	{ { MF, USIM, 0x6f7e }, T, P1, P1, 11, 0, fill_loci },
	{ { MF, USIM, 0x6f80 }, C, P1, P1, 5 * 28, 28, NULL }, /* calls that came in */
	{ { MF, USIM, 0x6fad }, T, ALW, ADM, 4, 0, fill_ad },
	{ { MF, USIM, 0x6fb7 }, L, ALW, ADM, 2 * 4, 4, fill_ecc },
	{ { MF, USIM, 0x6fc5 }, L, ALW, ADM, 2 * 60, 60, fill_pnn },
	{ { MF, USIM, 0x6fc6 }, L, ALW, ADM, 2 * 8, 8, fill_opl },
	{ { MF, USIM, 0x6fd9 }, T, P1, ADM, 2 * QK_PLMN_SIZE, 0, fill_ehplmn },
	{ { MF, USIM, 0x6fe3 }, T, P1, P1, 18, 0, fill_not_updated },
	{ { MF, USIM, 0x6fe4 }, L, P1, P1, 80, 80, NULL }, /* the security context of EPS */
};

struct qk_sim_path qk_sim_path(const uint16_t *ids, size_t count)
{
	struct qk_sim_path path = { 0 };

	for (size_t i = 0; i < count && i < QK_SIM_PATH_MAX; i++)
		path.ids[path.count++] = ids[i] == GSM && i == 1 ? USIM : ids[i];
	return path;
}

int qk_sim_card_describe(const struct qk_sim_card *card, const struct qk_sim_file *file,
			 uint8_t *ret, size_t size)
{
	static const uint8_t forms[] = { [QK_SIM_FILE_TRANSPARENT] = QK_FORM_TRANSPARENT,
					 [QK_SIM_FILE_LINEAR_FIXED] = QK_FORM_LINEAR,
					 [QK_SIM_FILE_CYCLIC] = QK_FORM_CYCLIC,
					 [QK_SIM_FILE_FOLDER] = QK_FORM_FOLDER };
	bool in_usim = file->path.count > 1 && file->path.ids[1] == USIM;
	bool is_usim = in_usim && file->path.count == 2;
	const struct qk_file_control control = {
		.id = file->path.ids[file->path.count - 1],
		.form = forms[file->type],
		.size = file->size,
		.record_size = file->record_size,
		.record_count = (uint16_t)qk_sim_file_records(file),
		.life_cycle = 5,
		.rules_file = in_usim && !is_usim ? 0x6f06 : 0x2f06,
		.rules_record = rule_of(file),
		.application = { card->aid, is_usim ? card->aid_size : 0u },
	};

	return qk_file_control_write(&control, ret, size);
}

static bool same_path(const struct qk_sim_path *a, const struct qk_sim_path *b)
{
	return a->count == b->count && !memcmp(a->ids, b->ids, a->count * sizeof(a->ids[0]));
}

const struct qk_sim_file *qk_sim_card_find(const struct qk_sim_card *card,
					   const struct qk_sim_path *path)
{
	const struct qk_sim_path wanted = qk_sim_path(path->ids, path->count);

	for (size_t i = 0; i < card->file_count; i++)
		if (same_path(&card->files[i].path, &wanted))
			return &card->files[i];
	return NULL;
}

const struct qk_sim_file *qk_sim_card_find_id(const struct qk_sim_card *card, uint16_t id)
{
	const uint16_t ids[][3] = { { MF, USIM, id }, { MF, id, 0 }, { MF, TELECOM, id } };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct qk_sim_path path = qk_sim_path(ids[i], ids[i][2] ? 3 : 2);
		const struct qk_sim_file *file = qk_sim_card_find(card, &path);
		if (file)
			return file;
	}
	const struct qk_sim_path root = { { MF }, 1 };
	return id == MF ? qk_sim_card_find(card, &root) : NULL;
}

/* An area of a network in 24.008's coding, in a file's bytes: those of the location, of packet service, of EPS. */
static const struct {
	uint16_t id;
	uint8_t plmn, area, status;
} locations[] = { { 0x6f7e, 4, 7, 10 }, { 0x6f73, 7, 10, 13 }, { 0x6fe3, 12, 15, 17 } };

void qk_sim_card_note_location(struct qk_sim_state *state)
{
	const struct qk_plmn plmn = plmn_of(&state->network);
	struct qk_sim_card *card = &state->card;

	for (size_t i = 0; i < sizeof(locations) / sizeof(locations[0]); i++) {
		const uint16_t ids[] = { MF, USIM, locations[i].id };
		const struct qk_sim_path path = qk_sim_path(ids, 3);
		const struct qk_sim_file *file = qk_sim_card_find(card, &path);

		if (!file || file->size <= locations[i].status)
			continue;
		uint8_t *bytes = card->bytes + file->at;
		qk_plmn_write(&plmn, bytes + locations[i].plmn);
		bytes[locations[i].area] = (uint8_t)(state->cell.area >> 8);
		bytes[locations[i].area + 1] = (uint8_t)state->cell.area;
		bytes[locations[i].status] = 0; /* updated */
	}
}

/* Room for a file, all 0xff; one of the same path makes way. NULL: there is none. */
static struct qk_sim_file *add(struct qk_sim_card *card, const struct qk_sim_file *like)
{
	struct qk_sim_file *file = (struct qk_sim_file *)qk_sim_card_find(card, &like->path);

	if (!file && card->file_count == QK_SIM_FILES_MAX)
		return NULL;
	if (like->size > QK_SIM_FILE_BYTES_MAX - card->bytes_used)
		return NULL;
	if (!file)
		file = &card->files[card->file_count++];
	*file = *like;
	file->at = card->bytes_used;
	card->bytes_used = (uint16_t)(card->bytes_used + file->size);
	memset(card->bytes + file->at, EMPTY, file->size);
	return file;
}

static size_t count_ids(const uint16_t *ids, size_t max)
{
	size_t count = 0;

	while (count < max && ids[count])
		count++;
	return count;
}

void qk_sim_card_make_files(struct qk_sim_state *state)
{
	const struct qk_sim_profile *profile = state->profile;
	struct qk_sim_card *card = &state->card;

	card->file_count = 0;
	card->bytes_used = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct file_row *row = &rows[i];
		const struct qk_sim_file like = {
			.path = qk_sim_path(row->ids, count_ids(row->ids, 3)),
			.type = row->type,
			.read = row->read,
			.write = row->write,
			.size = row->size,
			.record_size = row->record_size,
		};
		struct qk_sim_file *file = add(card, &like);
		if (file && row->fill)
			row->fill(state, card->bytes + file->at, file->size);
	}
	for (size_t i = 0; i < profile->file_count; i++) {
		const struct qk_sim_profile_file *from = &profile->files[i];
		struct qk_sim_file *file = add(card, &from->file);
		if (file)
			memcpy(card->bytes + file->at, from->content, from->content_size);
	}
}

uint16_t qk_sim_card_read(const struct qk_sim_card *card, const struct qk_sim_file *file,
			  size_t offset, size_t size, struct qk_span *ret)
{
	if (!qk_sim_card_answers(card))
		return QK_SIM_SW_NO_CARD;
	if (file->type != QK_SIM_FILE_TRANSPARENT)
		return QK_SIM_SW_WRONG_TYPE;
	if (!qk_sim_card_allows(card, file->read))
		return QK_SIM_SW_NO_ACCESS;
	if (offset >= file->size)
		return QK_SIM_SW_OUTSIDE;
	if (size > file->size - offset)
		return QK_SIM_SW_WRONG_LENGTH;
	*ret = (struct qk_span){ card->bytes + file->at + offset,
				 size ? size : file->size - offset };
	return QK_SIM_SW_OK;
}

static uint16_t check_record(const struct qk_sim_card *card, const struct qk_sim_file *file,
			     unsigned int number, uint8_t access)
{
	if (!qk_sim_card_answers(card))
		return QK_SIM_SW_NO_CARD;
	if (!file->record_size)
		return QK_SIM_SW_WRONG_TYPE;
	if (!qk_sim_card_allows(card, access))
		return QK_SIM_SW_NO_ACCESS;
	if (number == 0 || number > qk_sim_file_records(file))
		return QK_SIM_SW_NO_RECORD;
	return QK_SIM_SW_OK;
}

uint16_t qk_sim_card_read_record(const struct qk_sim_card *card, const struct qk_sim_file *file,
				 unsigned int number, struct qk_span *ret)
{
	uint16_t status = check_record(card, file, number, file->read);

	if (status == QK_SIM_SW_OK)
		*ret = (struct qk_span){ card->bytes + file->at +
						 (size_t)(number - 1) * file->record_size,
					 file->record_size };
	return status;
}

uint16_t qk_sim_card_write(struct qk_sim_state *state, const struct qk_sim_file *file,
			   size_t offset, struct qk_span bytes)
{
	struct qk_sim_card *card = &state->card;

	if (!qk_sim_card_answers(card))
		return QK_SIM_SW_NO_CARD;
	if (file->type != QK_SIM_FILE_TRANSPARENT)
		return QK_SIM_SW_WRONG_TYPE;
	if (!qk_sim_card_allows(card, file->write))
		return QK_SIM_SW_NO_ACCESS;
	if (offset >= file->size)
		return QK_SIM_SW_OUTSIDE;
	if (bytes.size == 0 || bytes.size > file->size - offset)
		return QK_SIM_SW_WRONG_LENGTH;
	memcpy(card->bytes + file->at + offset, bytes.data, bytes.size);
	return QK_SIM_SW_OK;
}

uint16_t qk_sim_card_write_record(struct qk_sim_state *state, const struct qk_sim_file *file,
				  unsigned int number, struct qk_span bytes)
{
	struct qk_sim_card *card = &state->card;
	bool cyclic = file->type == QK_SIM_FILE_CYCLIC;
	uint16_t status = check_record(card, file, cyclic ? 1 : number, file->write);

	if (status != QK_SIM_SW_OK)
		return status;
	if (bytes.size == 0 || bytes.size > file->record_size)
		return QK_SIM_SW_WRONG_LENGTH;
	uint8_t *first = card->bytes + file->at;
	if (cyclic)
		memmove(first + file->record_size, first, (size_t)file->size - file->record_size);
	uint8_t *record = cyclic ? first : first + (size_t)(number - 1) * file->record_size;
	memset(record, EMPTY, file->record_size);
	memcpy(record, bytes.data, bytes.size);
	return QK_SIM_SW_OK;
}
