/* State: what is written is read again, libqmi's own as well; files that others could have written
 * are not. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "network/store.h"

struct place {
	char root[64], folder[80], file[128];
	struct store store;
	struct failure failure;
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	if (!place)
		return -1;
	snprintf(place->root, sizeof(place->root), "/tmp/test-state-XXXXXX");
	if (!mkdtemp(place->root))
		return -1;
	snprintf(place->folder, sizeof(place->folder), "%s/run", place->root);
	snprintf(place->file, sizeof(place->file), "%s/qmi-network-state-test-wdm9", place->folder);
	*state = place;
	return store_open(&place->store, place->folder, "/dev/test-wdm9", &place->failure);
}

static int tear_down(void **state)
{
	struct place *place = *state;

	store_close(&place->store);
	nftw(place->root, remove_one, 4, FTW_DEPTH | FTW_PHYS);
	free(place);
	return 0;
}

static const struct state example = {
	.calls = { { 5, true, 4294967295, "192.0.2.1/30", "192.0.2.2" },
		   { 254, true, 0, "2001:db8::1/64", "2001:db8::2" } },
	.node = "5.1f.b400",
	.interface = "wwan0",
	.dns = "resolvectl",
	.brought_up = 1,
	.mtu = 1500,
	.metric = 700,
	.profile_index = 4,
	.wda_cid = 7,
	.accepted_ra = 2,
};

static void state_survives_being_written(void **state)
{
	char text[STATE_TEXT_MAX];
	size_t size = state_format(&example, text);
	struct failure failure;
	struct state read;

	(void)state;
	assert_int_equal(size, strlen(text));
	assert_non_null(strstr(text, "CID=\"5\"\nPDH=\"4294967295\"\n"));
	assert_non_null(strstr(text, "PDH6=\"0\"\n"));
	assert_int_equal(state_parse("f", text, size, &read, &failure), 0);
	assert_memory_equal(&read, &example, sizeof(read));
	assert_int_equal(state_format(&(struct state){ 0 }, text), 0);
}

static void state_reads_what_libqmi_writes(void **state)
{
	/* Its save_state() puts lines that it keeps on one line. */
	static const char text[] = "CID=\"80\" FOO=\"1\"\nPDH=\"3634026241\"\n";
	struct failure failure;
	struct state read;

	(void)state;
	assert_int_equal(state_parse("f", text, strlen(text), &read, &failure), 0);
	assert_int_equal(read.calls[CALL_4].cid, 80);
	assert_true(read.calls[CALL_4].has_handle);
	assert_int_equal(read.calls[CALL_4].handle, 3634026241);
	assert_false(state_is_empty(&read));
}

static void state_refuses_nonsense(void **state)
{
	static const char *const texts[] = {
		"CID=\"255\"",  "CID=\"-1\"",         "CID=\"\"",
		"CID=\"1 2\"",  "PDH=\"4294967296\"", "PDH=\"0x1\"",
		"BROUGHT_UP=2", "$(reboot)",          "INTERFACE=abcdefghijklmnop",
		"CID",
	};
	struct state read = example;
	struct failure failure;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(state_parse("f", texts[i], strlen(texts[i]), &read, &failure),
				 EXIT_HOST);
		assert_memory_equal(failure.text, "f:1: ", 5);
	}
	assert_memory_equal(&read, &example, sizeof(read));
}

static int load(struct place *place, struct state *ret)
{
	const char *path;

	return store_load(&place->store, ret, &path, &place->failure);
}

static void store_keeps_a_state(void **state)
{
	struct place *place = *state;
	struct state read = example;
	struct stat st;

	assert_int_equal(load(place, &read), -ENOENT);
	assert_true(state_is_empty(&read));
	assert_int_equal(store_lock(&place->store, &place->failure), 0);
	assert_int_equal(store_save(&place->store, &example, &place->failure), 0);
	assert_int_equal(stat(place->folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(load(place, &read), 0);
	assert_memory_equal(&read, &example, sizeof(read));
	store_clear(&place->store);
	assert_int_equal(load(place, &read), -ENOENT);
}

static void store_names_a_state_by_the_modem(void **state)
{
	static const struct {
		const char *device, *name;
	} rows[] = {
		{ "/dev/cdc-wdm0", "qmi-network-state-cdc-wdm0" },
		{ "cdc-wdm0", "qmi-network-state-cdc-wdm0" },
		{ "/dev/modems/1-1.2/qmi", "qmi-network-state-1-1.2" },
		{ "/dev/modems/867698040000001/qmi", "qmi-network-state-867698040000001" },
	};
	struct place *place = *state;
	struct store store;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(store_open(&store, place->folder, rows[i].device, &place->failure),
				 0);
		assert_string_equal(store.name, rows[i].name);
		store_close(&store);
	}
}

static void store_lets_one_at_a_time_change_it(void **state)
{
	struct place *place = *state;
	struct store other;

	assert_int_equal(store_lock(&place->store, &place->failure), 0);
	assert_int_equal(store_open(&other, place->folder, "/dev/test-wdm9", &place->failure), 0);
	assert_int_equal(store_lock(&other, &place->failure), EXIT_BUSY);
	store_close(&other);
	assert_int_equal(store_open(&other, place->folder, "/dev/test-wdm8", &place->failure), 0);
	assert_int_equal(store_lock(&other, &place->failure), 0);
	store_close(&other);
	store_close(&place->store);
	assert_int_equal(
		store_open(&place->store, place->folder, "/dev/test-wdm9", &place->failure), 0);
	assert_int_equal(store_lock(&place->store, &place->failure), 0);
}

static void store_does_not_trust_what_others_can_write(void **state)
{
	struct place *place = *state;
	struct state read;
	char elsewhere[128];

	assert_int_equal(store_lock(&place->store, &place->failure), 0);
	assert_int_equal(store_save(&place->store, &example, &place->failure), 0);
	assert_int_equal(chmod(place->file, 0622), 0);
	assert_int_equal(load(place, &read), EXIT_HOST);
	assert_true(state_is_empty(&read));
	assert_non_null(strstr(place->failure.text, "others may have written it"));

	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", place->root);
	assert_int_equal(chmod(place->file, 0600), 0);
	assert_int_equal(rename(place->file, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, place->file), 0);
	assert_int_equal(load(place, &read), EXIT_HOST);
	/* Saving replaces the link, not what it points to. */
	assert_int_equal(store_save(&place->store, &(struct state){ 0 }, &place->failure), 0);
	assert_int_equal(load(place, &read), 0);
	assert_true(state_is_empty(&read));
	assert_int_equal(unlink(place->file), 0);
	assert_int_equal(mkfifo(place->file, 0600), 0);
	assert_int_equal(load(place, &read), EXIT_HOST);

	store_close(&place->store);
	assert_int_equal(chmod(place->folder, 0777), 0);
	assert_int_equal(
		store_open(&place->store, place->folder, "/dev/test-wdm9", &place->failure),
		EXIT_HOST);
}

static void store_says_why_it_cannot(void **state)
{
	struct place *place = *state;
	struct store store;
	char folder[600];

	snprintf(folder, sizeof(folder), "%s/no/such", place->root);
	assert_int_equal(store_open(&store, folder, "/dev/x", &place->failure), 0);
	assert_int_equal(store_lock(&store, &place->failure), EXIT_HOST);
	assert_non_null(strstr(place->failure.text, folder));
	store_close(&store);
	memset(folder, 'x', sizeof(folder) - 1);
	folder[sizeof(folder) - 1] = 0;
	assert_int_equal(store_open(&store, folder, "/dev/x", &place->failure), EXIT_HOST);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_survives_being_written),
		cmocka_unit_test(state_reads_what_libqmi_writes),
		cmocka_unit_test(state_refuses_nonsense),
		cmocka_unit_test_setup_teardown(store_keeps_a_state, set_up, tear_down),
		cmocka_unit_test_setup_teardown(store_names_a_state_by_the_modem, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(store_lets_one_at_a_time_change_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(store_does_not_trust_what_others_can_write, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(store_says_why_it_cannot, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
