/*
 * SIM file vectors: what other projects' test suites say of the files of a SIM, a JSON object a line in
 * $QMIKIT_VECTORS/uim.jsonl. Skipped where that is not set. Of 191 rows those of the files that the codec knows count.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/3gpp/sim-file.h"

#include "vectors.h"

#define LINE_MAX_SIZE 65536

struct row {
	const char *id, *kind;
	const json_t *expect;
	uint8_t data[1024];
	struct qk_span bytes;
	unsigned int wrong;
};

static void note(struct row *row, const char *want, const char *got)
{
	print_message("%s: expected '%s', got '%s'\n", row->id, want, got);
	row->wrong++;
}

/* The reader's result against whether an error is expected. True: there is something to compare. */
static bool result(struct row *row, int r)
{
	bool error = json_is_true(json_object_get(row->expect, "error"));

	if ((r < 0) != error)
		note(row, error ? "an error" : "no error", r < 0 ? "an error" : "no error");
	return r >= 0 && !error;
}

static const json_t *member(const json_t *object, const char *const *names)
{
	for (; *names; names++)
		if (json_object_get(object, *names))
			return json_object_get(object, *names);
	return NULL;
}

static void same_text(struct row *row, const char *got, const char *const *names)
{
	const char *want = json_string_value(member(row->expect, names));

	if (want && strcmp(want, got) != 0)
		note(row, want, got);
}

static void check_iccid(struct row *row)
{
	char text[21];

	if (result(row, qk_iccid_read(row->bytes, text)))
		same_text(row, text, (const char *const[]){ "iccid", NULL });
}

static void check_imsi(struct row *row)
{
	char text[16];

	if (result(row, qk_imsi_read(row->bytes, text)))
		same_text(row, text, (const char *const[]){ "imsi", NULL });
}

static void check_ad(struct row *row)
{
	static const char *const names[] = { "mnc_length", "mnc_len", NULL };
	const json_t *want = member(row->expect, names);
	uint8_t digits = 0;
	int r = qk_admin_data_read(row->bytes, &digits);

	/* a row about other bytes of the file has no number of digits to compare */
	if (!want && !json_object_get(row->expect, "error"))
		return;
	if (result(row, r) && json_integer_value(want) != digits)
		note(row, "other digits", "these");
}

static void check_spn(struct row *row)
{
	char text[64];

	if (json_object_get(row->expect, "lang_ind"))
		return; /* that of CDMA is another file */
	if (result(row, qk_spn_read(row->bytes, text, sizeof(text), NULL)))
		same_text(row, text, (const char *const[]){ "name", "spn", NULL });
}

/* A bare string in the list, or one with "plmn", or with "mcc" and "mnc". */
static bool is_plmn(const json_t *item, const struct qk_plmn *plmn)
{
	const char *mcc = json_string_value(json_object_get(item, "mcc"));
	const char *mnc = json_string_value(json_object_get(item, "mnc"));
	const char *whole = json_is_string(item) ? json_string_value(item)
						 : json_string_value(json_object_get(item, "plmn"));
	char want[16], got[7];

	if (whole)
		snprintf(want, sizeof(want), "%s", whole);
	else
		snprintf(want, sizeof(want), "%s%s", mcc ? mcc : "", mnc ? mnc : "");
	qk_plmn_text(plmn, got);
	return strcmp(want, got) == 0;
}

static bool says(const json_t *item, const char *name)
{
	const json_t *list = json_object_get(item, "act");
	size_t i;
	json_t *word;

	json_array_foreach(list, i, word) if (strstr(json_string_value(word), name) ==
					      json_string_value(word)) return true;
	return false;
}

static void check_acts(struct row *row, const json_t *item, uint16_t acts)
{
	static const struct {
		const char *member, *word;
		uint16_t act;
	} known[] = {
		{ "utran", "UTRAN", QK_PLMN_ACT_UTRAN },
		{ "eutran", "E-UTRAN", QK_PLMN_ACT_EUTRAN },
		{ "ngran", "NG-RAN", QK_PLMN_ACT_NGRAN },
		{ "gsm", "GSM", QK_PLMN_ACT_GSM },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const json_t *flag = json_object_get(item, known[i].member);
		bool want = flag ? json_is_true(flag) : says(item, known[i].word);

		if (want != ((acts & known[i].act) != 0))
			note(row, known[i].word, "the other");
	}
}

static void check_list(struct row *row, bool with_acts)
{
	const json_t *networks = json_object_get(row->expect, "networks");
	const json_t *list = networks ? networks : row->expect;
	struct qk_plmn plmns[32];
	uint16_t acts[32];
	size_t count = qk_plmn_list_read(row->bytes, plmns, with_acts ? acts : NULL, 32);

	if (count != json_array_size(list)) {
		note(row, "another count", "this");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_array_get(list, i);

		if (!is_plmn(item, &plmns[i]))
			note(row, "another network", "this");
		if (with_acts)
			check_acts(row, item, acts[i]);
	}
}

static void check_plain_list(struct row *row)
{
	check_list(row, false);
}

static void check_act_list(struct row *row)
{
	check_list(row, true);
}

static void check_number(struct row *row)
{
	static const char *const numbers[] = { "dialing_nr", "msisdn", NULL };
	char name[64], number[64];

	if (!result(row, qk_dialling_read(row->bytes, name, sizeof(name), number, sizeof(number))))
		return;
	same_text(row, name, (const char *const[]){ "alpha_id", NULL });
	same_text(row, number[0] == '+' ? number + 1 : number, numbers);
}

static void check_smsp(struct row *row)
{
	const json_t *centre = json_object_get(row->expect, "tp_sc_addr");
	const char *want = json_string_value(json_object_get(centre, "call_number"));
	char text[64];

	if (!result(row, qk_smsp_read(row->bytes, text, sizeof(text))) || !want)
		return;
	if (strcmp(text[0] == '+' ? text + 1 : text, want) != 0)
		note(row, want, text);
}

static void check_dir(struct row *row)
{
	static const char *const labels[] = { "label", NULL };
	const json_t *want = json_object_get(row->expect, "aid");
	struct qk_span aid = { 0 };
	char label[64] = "", hex[64] = "";
	int r = qk_dir_read(row->bytes, &aid, label, sizeof(label));

	if (json_object_get(row->expect, "applications") ||
	    json_object_get(row->expect, "application_template")) {
		result(row, r);
		return;
	}
	if (json_is_null(want)) {
		if (r >= 0)
			note(row, "an empty record", "an application");
		return;
	}
	if (!result(row, r))
		return;
	for (size_t i = 0; i < aid.size && i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", aid.data[i]);
	same_text(row, hex, (const char *const[]){ "aid", NULL });
	same_text(row, label, labels);
}

static void check_fcp(struct row *row)
{
	static const char *const forms[] = { "transparent", "linear-fixed", "cyclic", "folder" };
	struct qk_file_control file;

	if (!result(row, qk_file_control_read(row->bytes, &file)))
		return;
	same_text(row, forms[file.form], (const char *const[]){ "structure", NULL });
	const json_t *size = json_object_get(row->expect, "file_length");
	if (size && json_integer_value(size) != file.size)
		note(row, "another size", "this");
	const json_t *record = json_object_get(row->expect, "record_length");
	if (record && json_integer_value(record) != file.record_size)
		note(row, "another record", "this");
}

static void check_pnn(struct row *row)
{
	char names[2][64];

	if (!result(row, qk_pnn_read(row->bytes, names[0], sizeof(names[0]), names[1],
				     sizeof(names[1]))))
		return;
	same_text(row, names[0], (const char *const[]){ "long_name", NULL });
	same_text(row, names[1], (const char *const[]){ "short_name", NULL });
}

static const struct {
	const char *kind;
	void (*check)(struct row *row);
} kinds[] = {
	{ "EF_ICCID", check_iccid },
	{ "EF_IMSI", check_imsi },
	{ "EF_AD", check_ad },
	{ "EF_SPN", check_spn },
	{ "EF_PLMNsel", check_plain_list },
	{ "EF_FPLMN", check_plain_list },
	{ "EF_PLMNwAcT", check_act_list },
	{ "EF_xPLMNwAcT", check_act_list },
	{ "EF_ADN", check_number },
	{ "EF_MSISDN", check_number },
	{ "EF_SMSP", check_smsp },
	{ "EF_SMSP-address", check_smsp },
	{ "EF_DIR", check_dir },
	{ "FCP", check_fcp },
	{ "EF_PNN", check_pnn },
};

static size_t from_hex(const char *text, uint8_t *ret, size_t size)
{
	size_t count = 0;
	unsigned int octet;

	for (; text && count < size && sscanf(text + 2 * count, "%2x", &octet) == 1; count++)
		ret[count] = (uint8_t)octet;
	return count;
}

/* How many things of a row are wrong; `ret_known` counts the rows that were looked at. */
static unsigned int check_row(json_t *json, unsigned int *ret_known)
{
	struct row row = {
		.id = json_string_value(json_object_get(json, "id")),
		.kind = json_string_value(json_object_get(json, "kind")),
		.expect = json_object_get(json, "expect"),
	};

	row.bytes.data = row.data;
	row.bytes.size = from_hex(json_string_value(json_object_get(json, "data")), row.data,
				  sizeof(row.data));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, row.kind) == 0) {
			kinds[i].check(&row);
			++*ret_known;
		}
	return row.wrong;
}

static void codec_agrees_with_other_projects_when_their_vectors_are_here(void **state)
{
	FILE *file = *state;
	char *line = malloc(LINE_MAX_SIZE);
	unsigned int wrong = 0, known = 0;

	assert_non_null(line);
	while (fgets(line, LINE_MAX_SIZE, file)) {
		json_t *json = json_loads(line, 0, NULL);

		assert_non_null(json);
		wrong += check_row(json, &known);
		json_decref(json);
	}
	free(line);
	print_message("%u rows\n", known);
	assert_true(known >= 60);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	return vectors_run("codec_agrees_with_other_projects_when_their_vectors_are_here",
			   codec_agrees_with_other_projects_when_their_vectors_are_here,
			   "uim.jsonl");
}
