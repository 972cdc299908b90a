/*
 * Profiles: the built-in ones, and everything that a profile may have wrong.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "sim/profile.h"

static const struct qk_sim_builtin *builtin(const char *name)
{
	for (size_t i = 0; i < qk_sim_builtin_count; i++)
		if (strcmp(qk_sim_builtins[i].name, name) == 0)
			return &qk_sim_builtins[i];
	fail_msg("no built-in profile %s", name);
	return NULL;
}

static void profile_default_is_the_ec25_eux(void **state)
{
	struct qk_sim_profile *profile = NULL;
	char error[256] = "";

	(void)state;
	assert_int_equal(qk_sim_profile_load(NULL, &profile, error, sizeof(error)), 0);
	assert_string_equal(profile->name, "ec25-eux");
	assert_false(profile->seeded);
	assert_int_equal(profile->service_count, 30);
	assert_int_equal(qk_sim_profile_service(profile, 0x03)->clients, 10);
	assert_int_equal(qk_sim_profile_service(profile, 0x03)->first_client, 2);
	assert_int_equal(profile->card.aid_size, 16);
	assert_int_equal(profile->cell.rsrp_dbm, -104);
	assert_null(qk_sim_profile_service(profile, 0x06));
	qk_sim_profile_free(profile);
}

static void profile_everything_has_every_service(void **state)
{
	struct qk_sim_profile *profile = NULL;
	char error[256] = "";

	(void)state;
	assert_int_equal(qk_sim_profile_load("everything", &profile, error, sizeof(error)), 0);
	assert_true(profile->seeded);
	assert_true(profile->service_count > 40);
	assert_non_null(qk_sim_profile_service(profile, 0x06));
	qk_sim_profile_free(profile);
}

static void profile_names_the_others_when_there_is_none(void **state)
{
	struct qk_sim_profile *profile = NULL;
	char error[256] = "";

	(void)state;
	assert_int_equal(qk_sim_profile_load("ec26", &profile, error, sizeof(error)), -ENOENT);
	assert_string_equal(error, "no profile 'ec26'; there are: ec20 ec25-eux ep06-e everything");
	assert_int_equal(qk_sim_profile_load("./none.json", &profile, error, sizeof(error)),
			 -ENOENT);
	assert_string_equal(error, "profile './none.json': No such file or directory");
	assert_int_equal(qk_sim_profile_load("/", &profile, error, sizeof(error)), -EISDIR);
	assert_null(profile);
}

/* Sets the member at `path` ("cell.rsrp", "services.1.major") of the default profile; NULL: takes it
 * away. The message of the refusal, or "". */
static void refuse(const char *path, const char *value, char *error, size_t size)
{
	const struct qk_sim_builtin *json = builtin("ec25-eux");
	json_t *root = json_loadb(json->json, json->size, 0, NULL), *at = root;
	struct qk_sim_profile *profile = NULL;
	char copy[64], *save = NULL;

	assert_non_null(root);
	snprintf(copy, sizeof(copy), "%s", path);
	char *part = strtok_r(copy, ".", &save), *next;
	while ((next = strtok_r(NULL, ".", &save))) {
		at = json_is_array(at) ? json_array_get(at, strtoul(part, NULL, 10))
				       : json_object_get(at, part);
		part = next;
	}
	json_t *new_value = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
	if (new_value)
		assert_int_equal(json_object_set_new(at, part, new_value), 0);
	else
		assert_int_equal(json_object_del(at, part), 0);
	char *text = json_dumps(root, 0);
	*error = 0;
	int r = qk_sim_profile_parse("x", text, strlen(text), &profile, error, size);
	assert_int_equal(r, *error ? -EINVAL : 0);
	qk_sim_profile_free(profile);
	free(text);
	json_decref(root);
}

static void profile_is_refused_with_the_name_of_the_member(void **state)
{
	static const struct {
		const char *path, *value, *error;
	} cases[] = {
		{ "cell.rsrp", "5",
		  "profile 'x': line 1: cell.rsrp: must be a number from -156 to -31" },
		{ "cell.rsrp", "\"-90\"",
		  "profile 'x': line 1: cell.rsrp: must be a number from -156 to -31" },
		{ "cell.rsrp", NULL, "profile 'x': line 1: cell.rsrp: is missing" },
		{ "cell.radio-interface", "\"nr\"",
		  "profile 'x': line 1: cell.radio-interface: must be one of none gsm umts lte" },
		{ "cell.radio-interface", "3",
		  "profile 'x': line 1: cell.radio-interface: must be a word" },
		{ "cell.certainty.rsrp", NULL,
		  "profile 'x': line 1: cell.certainty.rsrp: must be one of S, R, M, C and U" },
		{ "cell.certainty.rsrp", "\"X\"",
		  "profile 'x': line 1: cell.certainty.rsrp: must be one of S, R, M, C and U" },
		{ "cell.certainty.rspr", "\"S\"",
		  "profile 'x': line 1: cell.certainty.rspr: is about a member that is not there" },
		{ "vendors", "[{\"vendor\": \"nokia\", \"certainty\": \"C\"}]",
		  "profile 'x': line 1: vendors[0].vendor: must be one of: hp foxconn foxconn-v2 "
		  "sierra" },
		{ "vendors", "[{\"vendor\": \"hp\"}]",
		  "profile 'x': line 1: vendors[0].certainty.vendor: must be one of S, R, M, C and U" },
		{ "vendors", "\"all\"", "profile 'x': line 1: vendors: must be a list" },
		{ "cell.rspr", "1", "profile 'x': line 1: cell.rspr: is unknown" },
		{ "cell", NULL, "profile 'x': line 1: cell: is missing" },
		{ "cell", "[]", "profile 'x': line 1: cell: must be an object" },
		{ "cells", "{}", "profile 'x': line 1: cells: is unknown" },
		{ "identity.model", "7",
		  "profile 'x': line 1: identity.model: must be a string of at most 63 bytes" },
		{ "identity.imei", "\"86250604x\"",
		  "profile 'x': line 1: identity.imei: must be a string of at most 14 digits" },
		{ "identity.imei", "\"123456789012345\"",
		  "profile 'x': line 1: identity.imei: must be a string of at most 14 digits" },
		{ "card.aid", "\"a00\"",
		  "profile 'x': line 1: card.aid: must be bytes as an even count of hex digits" },
		{ "card.aid", "\"zz\"", "profile 'x': line 1: card.aid: must be hex digits" },
		{ "power.battery", "1",
		  "profile 'x': line 1: power.battery: must be true or false" },
		{ "capabilities.radio-interfaces", "\"lte\"",
		  "profile 'x': line 1: capabilities.radio-interfaces: must be a list of words" },
		{ "capabilities.bands", "\"0xzz\"",
		  "profile 'x': line 1: capabilities.bands: must be a number from 0 to 9223372036854775807" },
		{ "services.1.major", "-1",
		  "profile 'x': line 1: services[1].major: must be a number from 0 to 65535" },
		{ "services.1.service", "\"wdx\"",
		  "profile 'x': line 1: services[1].service: must be the name of "
		  "a service or a number up to 255" },
		{ "services.1.service", "\"dms\"",
		  "profile 'x': line 1: services: names a service twice" },
		{ "services", "\"all\"", "profile 'x': line 1: services: must be a list" },
		{ "refuse.0.error", "\"Nope\"",
		  "profile 'x': line 1: refuse[0].error: must be the name of a QMI protocol error" },
		{ "refuse", NULL, "profile 'x': line 1: refuse: is missing" },
		{ "recorded",
		  "[{\"service\":\"dms\",\"message\":37,\"request\":\"\",\"response\":\"0204\"}]",
		  "profile 'x': line 1: recorded[0].response: must be whole TLVs" },
		{ "recorded",
		  "[{\"service\":\"dms\",\"message\":37,\"request\":\"zz\",\"response\":\"\"}]",
		  "profile 'x': line 1: recorded[0].request: must be lower-case hex digits" },
		{ "recorded", "[{\"message\":37}]",
		  "profile 'x': line 1: recorded[0].service: must be the name of a service or a number up to 255" },
		{ "recorded", "{}",
		  "profile 'x': line 1: recorded: must be a list of at most 4096 answers" },
		{ "faults", "[\"nope\"]",
		  "profile 'x': line 1: faults: fault 'nope': no such fault (--help lists them)" },
		{ "faults", "[3]", "profile 'x': line 1: faults: must be a list of strings" },
		{ "name", "3", "profile 'x': line 1: name: must be a string of at most 47 bytes" },
	};
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		refuse(cases[i].path, cases[i].value, error, sizeof(error));
		assert_string_equal(error, cases[i].error);
	}
}

static void profile_is_refused_with_the_line_of_the_value(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "\n[]", "profile 'x': line 2: the file: must hold an object" },
		{ "{\n\"base\": \"ec25-eux\",\n\"identity\": {\"certainty\": \"S\",\n\"imei\":\n5}}",
		  "profile 'x': line 5: identity.imei: must be a string of at most 14 digits" },
		{ "{\"base\": \"ec25-eux\", \"title\": \"]}\\\"{\",\n\"services\": [\n{\"service\": \"dms\",\n"
		  "\"certainty\": \"C\", \"major\": 1,\n\"minor\": 1, \"first-client\": 1, \"clients\": 2},\n"
		  "{\"service\": \"nas\", \"certainty\": \"C\",\n\"major\": -1}]}",
		  "profile 'x': line 7: services[1].major: must be a number from 0 to 65535" },
		/* what is not there is missed where it ought to be */
		{ "{\"base\": \"ec25-eux\",\n\"apns\": [\n{\"certainty\": \"C\"}]}",
		  "profile 'x': line 3: apns[0].apn: is missing" },
	};
	struct qk_sim_profile *profile = NULL;
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		*error = 0;
		assert_int_equal(qk_sim_profile_parse("x", cases[i].text, strlen(cases[i].text),
						      &profile, error, sizeof(error)),
				 -EINVAL);
		assert_string_equal(error, cases[i].error);
	}
	assert_null(profile);
}

static void profile_is_taken_when_a_value_changes(void **state)
{
	char error[256];

	(void)state;
	refuse("cell.rsrp", "-90", error, sizeof(error));
	assert_string_equal(error, "");
	refuse("cell.certainty", "\"C\"", error, sizeof(error));
	assert_string_equal(error, "");
	refuse("faults", "[\"drop-answer:dms:1\"]", error, sizeof(error));
	assert_string_equal(error, "");
}

static void profile_is_refused_when_it_is_no_json(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{\"a\":1,\"a\":2}", "\xff\xfe", "3" };
	struct qk_sim_profile *profile = NULL;
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		*error = 0;
		assert_int_equal(qk_sim_profile_parse("x", texts[i], strlen(texts[i]), &profile,
						      error, sizeof(error)),
				 -EINVAL);
		assert_memory_equal(error, "profile 'x': ", 13);
	}
	assert_null(profile);
}

/* Every prefix of a good profile is a bad one, and none of them may do harm. */
static void profile_is_refused_when_it_is_cut(void **state)
{
	const struct qk_sim_builtin *json = builtin("ec25-eux");
	struct qk_sim_profile *profile = NULL;
	char error[64];

	(void)state;
	for (size_t size = 0; size < json->size - 1; size += 7)
		assert_true(qk_sim_profile_parse("x", json->json, size, &profile, error,
						 sizeof(error)) < 0);
	assert_null(profile);
}

static void profile_differs_from_its_base_by_what_it_says(void **state)
{
	static const char json[] =
		"{\"base\": \"ec25-eux\", \"name\": \"mine\", \"cell\": {\"rsrp\": -120}}";
	struct qk_sim_profile *profile = NULL, *base = NULL;
	char error[256];

	(void)state;
	assert_int_equal(
		qk_sim_profile_parse("x", json, strlen(json), &profile, error, sizeof(error)), 0);
	assert_int_equal(qk_sim_profile_load("ec25-eux", &base, error, sizeof(error)), 0);
	assert_string_equal(profile->name, "mine");
	assert_int_equal(profile->cell.rsrp_dbm, -120);
	assert_int_equal(profile->cell.pci, base->cell.pci);
	assert_int_equal(profile->service_count, base->service_count);
	qk_sim_profile_free(profile);
	qk_sim_profile_free(base);
}

static void profile_is_refused_when_its_base_is_not_whole(void **state)
{
	static const char *const texts[] = {
		"{\"base\": \"ec20\"}", /* which has a base of its own */
		"{\"base\": \"ec26\"}",
		"{\"base\": 1}",
	};
	struct qk_sim_profile *profile = NULL;
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(qk_sim_profile_parse("x", texts[i], strlen(texts[i]), &profile,
						      error, sizeof(error)),
				 -EINVAL);
		assert_string_equal(error,
				    "profile 'x': line 1: base: must be a profile that is part of "
				    "the program and whole");
	}
}

static void profile_does_not_wait_when_the_file_is_a_fifo(void **state)
{
	struct qk_sim_profile *profile = NULL;
	char path[] = "/tmp/qk-profile-XXXXXX", fifo[64], error[256];

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(fifo, sizeof(fifo), "%s/fifo.json", path);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_true(qk_sim_profile_load(fifo, &profile, error, sizeof(error)) < 0);
	unlink(fifo);
	rmdir(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(profile_default_is_the_ec25_eux),
		cmocka_unit_test(profile_everything_has_every_service),
		cmocka_unit_test(profile_names_the_others_when_there_is_none),
		cmocka_unit_test(profile_is_refused_with_the_name_of_the_member),
		cmocka_unit_test(profile_is_refused_with_the_line_of_the_value),
		cmocka_unit_test(profile_is_taken_when_a_value_changes),
		cmocka_unit_test(profile_is_refused_when_it_is_no_json),
		cmocka_unit_test(profile_is_refused_when_it_is_cut),
		cmocka_unit_test(profile_differs_from_its_base_by_what_it_says),
		cmocka_unit_test(profile_is_refused_when_its_base_is_not_whole),
		cmocka_unit_test(profile_does_not_wait_when_the_file_is_a_fifo),
	};

	return cmocka_run_group_tests_name("sim-profile", tests, NULL, NULL);
}
