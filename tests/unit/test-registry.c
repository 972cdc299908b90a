/* Registry: what the daemon keeps of modems beyond its end, and files that hold anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "manager/registry.h"

struct world {
	struct log log;
	char folder[64], path[96], run_path[96];
	struct registry registry;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->log.level = LOG_EMERG;
	snprintf(w->folder, sizeof(w->folder), "/tmp/test-registry.XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->path, sizeof(w->path), "%s/modems.json", w->folder);
	snprintf(w->run_path, sizeof(w->run_path), "%s/connections.json", w->folder);
	assert_int_equal(registry_open(&w->registry, &w->log, w->folder, w->folder), 0);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	registry_close(&w->registry);
	unlink(w->path);
	unlink(w->run_path);
	rmdir(w->folder);
	free(w);
	return 0;
}

static void open_again(struct world *w)
{
	registry_close(&w->registry);
	assert_int_equal(registry_open(&w->registry, &w->log, w->folder, w->folder), 0);
}

static void put(const char *path, const char *text, size_t size)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	fclose(file);
}

static void a_modem_has_its_index_again(void **state)
{
	struct world *w = *state;
	struct stat status;

	assert_int_equal(registry_next(&w->registry), 0);
	registry_note(&w->registry, 0, "1-1", "111111111111111");
	registry_note(&w->registry, 1, "1-2", "222222222222222");
	/* they change places */
	registry_note(&w->registry, 0, "1-2", "111111111111111");
	open_again(w);
	assert_int_equal(registry_index_of(&w->registry, "111111111111111"), 0);
	assert_int_equal(registry_index_of(&w->registry, "222222222222222"), 1);
	assert_int_equal(registry_index_of(&w->registry, "333333333333333"), -1);
	assert_int_equal(registry_index_of(&w->registry, ""), -1);
	/* whom the place saw last */
	assert_int_equal(registry_index_at(&w->registry, "1-2"), 0);
	assert_int_equal(registry_index_at(&w->registry, "1-1"), -1);
	assert_true(registry_is_taken(&w->registry, 0, "222222222222222"));
	assert_false(registry_is_taken(&w->registry, 0, "111111111111111"));
	assert_int_equal(registry_next(&w->registry), 2);
	assert_int_equal(stat(w->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void what_the_file_holds_is_not_written_again(void **state)
{
	struct world *w = *state;

	assert_true(registry_note(&w->registry, 0, "1-1", "111111111111111"));
	assert_int_not_equal(access(w->path, F_OK), 0);
	registry_save(&w->registry);
	assert_int_equal(unlink(w->path), 0);
	assert_false(registry_note(&w->registry, 0, "1-1", "111111111111111"));
	registry_save(&w->registry);
	assert_int_not_equal(access(w->path, F_OK), 0);
	/* another modem at its place, and itself again */
	assert_true(registry_note(&w->registry, 1, "1-1", "222222222222222"));
	registry_save(&w->registry);
	assert_true(registry_note(&w->registry, 0, "1-1", "111111111111111"));
	open_again(w);
	assert_int_equal(registry_index_at(&w->registry, "1-1"), 0);
}

static void what_is_up_is_kept_until_it_is_not(void **state)
{
	struct world *w = *state;

	registry_keep(&w->registry, 3, json_pack("{s: i}", "number", 7));
	open_again(w);
	assert_int_equal(
		json_integer_value(json_object_get(registry_kept(&w->registry, 3), "number")), 7);
	registry_keep(&w->registry, 3, NULL);
	open_again(w);
	assert_null(registry_kept(&w->registry, 3));
}

static void a_file_may_hold_anything(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"null",
		"{\"modems\": 7}",
		"{\"modems\": [1, null, [], {}]}",
		"{\"modems\": [{\"uid\": \"a\", \"imei\": \"1\", \"index\": -1}]}",
		"{\"modems\": [{\"uid\": \"a\", \"imei\": \"1\", \"index\": 1e9}]}",
		"{\"modems\": [{\"uid\": \"a\", \"imei\": \"1\", \"index\": 4294967296}]}",
		"{\"modems\": [{\"uid\": 1, \"imei\": \"1\", \"index\": 1}]}",
		("{\"modems\": [{\"uid\": \"a\", \"imei\": "
		 "\"0123456789012345678901234567890123456789\", \"index\": 1}]}"),
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(w->path, texts[i], strlen(texts[i]));
		put(w->run_path, texts[i], strlen(texts[i]));
		open_again(w);
		assert_int_equal(registry_next(&w->registry), 0);
		assert_null(registry_kept(&w->registry, 0));
	}
	put(w->path, "\0\xff\xfe", 3);
	open_again(w);
	/* An index that two claim is the first one's. */
	const char *twice = "{\"modems\": [{\"uid\": \"a\", \"imei\": \"1\", \"index\": 5},"
			    " {\"uid\": \"b\", \"imei\": \"2\", \"index\": 5}]}";

	put(w->path, twice, strlen(twice));
	open_again(w);
	assert_int_equal(registry_index_of(&w->registry, "1"), 5);
	assert_int_equal(registry_index_of(&w->registry, "2"), -1);
}

static void without_folders_nothing_lasts(void **state)
{
	struct world *w = *state;

	registry_close(&w->registry);
	assert_int_equal(registry_open(&w->registry, &w->log, NULL, NULL), 0);
	registry_note(&w->registry, 4, "1-1", "111111111111111");
	assert_int_equal(registry_index_of(&w->registry, "111111111111111"), 4);
	open_again(w);
	assert_int_equal(registry_index_of(&w->registry, "111111111111111"), -1);
}

static void the_one_not_seen_for_longest_is_forgotten(void **state)
{
	struct world *w = *state;
	char imei[16];

	registry_close(&w->registry);
	assert_int_equal(registry_open(&w->registry, &w->log, NULL, NULL), 0);
	for (unsigned int i = 0; i < 300; i++) {
		snprintf(imei, sizeof(imei), "%015u", i);
		registry_note(&w->registry, i, "1-1", imei);
	}
	assert_int_equal(registry_index_of(&w->registry, "000000000000043"), -1);
	assert_int_equal(registry_index_of(&w->registry, "000000000000044"), 44);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_modem_has_its_index_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_file_holds_is_not_written_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_up_is_kept_until_it_is_not, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_file_may_hold_anything, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_folders_nothing_lasts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_one_not_seen_for_longest_is_forgotten, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
