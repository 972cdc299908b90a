/* The tables that outlive a broker: one a modem, written, read, and refused when they are anything else. */
#include "proxy/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/proxy-host.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

enum { WDS = 1, DMS = 2 };

#define BOOT "0123-boot"

struct fixture {
	struct host *host;
	char text[4096];
	size_t size;
	unsigned int told;
	char seen[512];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct host_peer *peer;
	struct modem *modem;

	assert_non_null(f);
	f->host = host_new();
	peer = host_open(f->host, "the-daemon");
	modem = f->host->broker.modems;

	struct lease *named = lease_add(&modem->leases, WDS, 2);

	lease_hold(named, peer->peer, &peer->peer->leases, 1);
	named->call = LEASE_CALL_UP;
	assert_int_equal(lease_name(named, "the-daemon"), 0);
	lease_orphan(&modem->leases, lease_add(&modem->leases, DMS, 1), 1);
	f->size = store_write(modem, BOOT, f->text, sizeof(f->text));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	host_free(f->host);
	free(f);
	return 0;
}

static void on_lease(void *userdata, const char *path, const char *identity,
		     const struct lease *lease)
{
	struct fixture *f = userdata;
	size_t used = strlen(f->seen);

	f->told++;
	snprintf(f->seen + used, sizeof(f->seen) - used, "%s %s %u %u %u %s;", path, identity,
		 lease->service, lease->id, lease->call, lease->name ? lease->name : "none");
}

static void store_reads_what_it_wrote(void **state)
{
	struct fixture *f = *state;

	assert_true(f->size < sizeof(f->text));
	assert_int_equal(store_read(f->text, f->size, BOOT, on_lease, f), 0);
	assert_string_equal(f->seen, "/modem one 1 2 2 the-daemon;/modem one 2 1 0 none;");
}

static void store_tells_nothing_when_the_table_is_of_another_boot(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(store_read(f->text, f->size, "other", on_lease, f), -ESTALE);
	assert_int_equal(f->told, 0);
}

static void store_tells_nothing_when_any_byte_is_wrong(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->size; i++) {
		f->text[i] ^= 0x20;
		assert_int_equal(store_read(f->text, f->size, BOOT, on_lease, f), -EBADMSG);
		f->text[i] ^= 0x20;
		assert_int_equal(store_read(f->text, i, BOOT, on_lease, f), -EBADMSG);
	}
	assert_int_equal(f->told, 0);
}

static void store_says_how_much_it_needs_when_the_buffer_is_small(void **state)
{
	struct fixture *f = *state;
	const struct modem *modem = f->host->broker.modems;
	char exact[4096];

	assert_int_equal(store_write(modem, BOOT, NULL, 0), f->size);
	for (size_t size = 0; size < f->size; size++) {
		exact[size] = '!';
		assert_int_equal(store_write(modem, BOOT, exact, size), f->size);
		assert_int_equal(exact[size], '!');
	}
	assert_int_equal(store_write(modem, BOOT, exact, f->size), f->size);
	assert_memory_equal(exact, f->text, f->size);
}

static void store_reads_the_one_table_of_an_older_broker(void **state)
{
	static const char text[] = "qmi-proxy 1 " BOOT "\n"
				   "modem one /modem\nlease 1 2 2 the-daemon\n"
				   "modem two /modem2\nlease 2 1 0 -\n"
				   "sum 5d2f4873\n";
	struct fixture *f = *state;

	assert_int_equal(store_read(text, sizeof(text) - 1, BOOT, on_lease, f), 0);
	assert_string_equal(f->seen, "/modem one 1 2 2 the-daemon;/modem2 two 2 1 0 none;");
}

/* A folder, and modems of which nothing but their tables is looked at. */

enum { MODEMS = 3 };

struct place {
	struct fixture *f;
	struct store store;
	struct broker broker;
	struct modem modems[MODEMS];
	char folder[32];
	unsigned int bad;
};

static const char *const paths[MODEMS] = { "/dev/cdc-wdm0", "/dev/cdc-wdm1", "unix:/run/a b%c" };
static const char *const files[MODEMS] = { "table-%2Fdev%2Fcdc-wdm0", "table-%2Fdev%2Fcdc-wdm1",
					   "table-unix:%2Frun%2Fa%20b%25c" };

static void add_modem(struct place *place, size_t i, const char *path, const char *identity)
{
	struct modem *modem = &place->modems[i];

	*modem = (struct modem){ .path = strdup(path), .identity = strdup(identity) };
	modem->next = place->broker.modems;
	place->broker.modems = modem;
	lease_orphan(&modem->leases, lease_add(&modem->leases, WDS, (uint8_t)(i + 1)), 1);
}

static void reopen(struct place *place)
{
	store_close(&place->store);
	assert_int_equal(store_open(&place->store, place->folder), 0);
}

static int set_up_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	place->f = calloc(1, sizeof(*place->f));
	assert_non_null(place->f);
	snprintf(place->folder, sizeof(place->folder), "%s", "/tmp/qmikit-store-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	place->store.folder = -1;
	reopen(place);
	for (size_t i = 0; i < MODEMS; i++)
		add_modem(place, i, paths[i], "0-0:1:2:3");
	*state = place;
	return 0;
}

static int tear_down_place(void **state)
{
	struct place *place = *state;
	DIR *list = opendir(place->folder);

	assert_non_null(list);
	for (const struct dirent *entry; (entry = readdir(list));)
		(void)!unlinkat(dirfd(list), entry->d_name, 0);
	closedir(list);
	rmdir(place->folder);
	for (size_t i = 0; i < MODEMS; i++) {
		lease_table_done(&place->modems[i].leases);
		free(place->modems[i].path);
		free(place->modems[i].identity);
	}
	store_close(&place->store);
	free(place->f);
	free(place);
	return 0;
}

/* How many were written. */
static int save_all(struct place *place)
{
	int count = 0;

	for (size_t i = 0; i < MODEMS; i++) {
		int r = store_save(&place->store, &place->modems[i]);

		assert_true(r >= 0);
		count += r;
	}
	return count;
}

/* 0: there is none. */
static ino_t file_of(const struct place *place, const char *name)
{
	struct stat st;

	if (fstatat(place->store.folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISREG(st.st_mode) && !strncmp(name, "table-", 6))
		assert_int_equal(st.st_mode & 07777, 0600);
	return st.st_ino;
}

static size_t count_files(const struct place *place)
{
	DIR *list = opendir(place->folder);
	size_t count = 0;

	assert_non_null(list);
	for (const struct dirent *entry; (entry = readdir(list));)
		count += entry->d_name[0] != '.';
	closedir(list);
	return count;
}

static void put_file(const struct place *place, const char *name, const char *text)
{
	int fd = openat(place->store.folder, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void on_place_lease(void *userdata, const char *path, const char *identity,
			   const struct lease *lease)
{
	struct place *place = userdata;

	on_lease(place->f, path, identity, lease);
}

static void on_bad(void *userdata, const char *name, int error)
{
	struct place *place = userdata;

	(void)name;
	assert_int_equal(error, -EBADMSG);
	place->bad++;
}

/* How many leases there were. */
static unsigned int load_all(struct place *place)
{
	const struct store_reader reader = { on_place_lease, on_bad, place };

	place->bad = place->f->told = 0;
	place->f->seen[0] = 0;
	assert_int_equal(store_load(&place->store, &reader), 0);
	return place->f->told;
}

static void store_has_a_file_for_each_modem(void **state)
{
	struct place *place = *state;

	assert_int_equal(load_all(place), 0);
	assert_int_equal(save_all(place), MODEMS);
	assert_int_equal(count_files(place), MODEMS);
	for (size_t i = 0; i < MODEMS; i++)
		assert_true(file_of(place, files[i]) != 0);
	reopen(place);
	assert_int_equal(load_all(place), MODEMS);
	assert_int_equal(place->bad, 0);
	for (size_t i = 0; i < MODEMS; i++)
		assert_non_null(strstr(place->f->seen, paths[i]));
}

static void store_writes_the_modem_alone_whose_leases_changed(void **state)
{
	struct place *place = *state;
	ino_t before[MODEMS];

	assert_int_equal(save_all(place), MODEMS);
	for (size_t i = 0; i < MODEMS; i++)
		before[i] = file_of(place, files[i]);
	assert_int_equal(save_all(place), 0);
	assert_non_null(lease_add(&place->modems[1].leases, DMS, 1));
	/* the file that it replaces is there until then, so that its number is not taken */
	assert_int_equal(save_all(place), 1);
	for (size_t i = 0; i < MODEMS; i++)
		assert_int_equal(file_of(place, files[i]) == before[i], i != 1);
	assert_int_equal(load_all(place), MODEMS + 1);
}

static void store_removes_the_file_when_a_modem_has_no_leases(void **state)
{
	struct place *place = *state;
	struct lease_table *leases = &place->modems[0].leases;

	assert_int_equal(save_all(place), MODEMS);
	lease_remove(leases, lease_find(leases, WDS, 1));
	assert_int_equal(save_all(place), 1);
	assert_int_equal(file_of(place, files[0]), 0);
	/* one that comes and goes between */
	lease_remove(leases, lease_add(leases, WDS, 1));
	assert_int_equal(save_all(place), 1);
	assert_int_equal(count_files(place), MODEMS - 1);
}

static void store_removes_the_file_when_a_modem_is_closed(void **state)
{
	struct place *place = *state;

	assert_int_equal(save_all(place), MODEMS);
	store_forget(&place->store, &place->modems[0]);
	assert_int_equal(file_of(place, files[0]), 0);
	assert_int_equal(count_files(place), MODEMS - 1);
	/* what the modem says last is not kept */
	place->modems[1].closing = true;
	assert_non_null(lease_add(&place->modems[1].leases, DMS, 1));
	assert_int_equal(save_all(place), 0);
	lease_table_done(&place->modems[1].leases);
	store_forget(&place->store, &place->modems[1]);
	assert_int_equal(file_of(place, files[1]), 0);
}

static void store_loses_one_modem_when_its_file_is_broken(void **state)
{
	struct place *place = *state;

	assert_int_equal(save_all(place), MODEMS);
	put_file(place, files[1], "qmi-proxy 1 rubbish\n");
	assert_int_equal(load_all(place), MODEMS - 1);
	assert_int_equal(place->bad, 1);
	assert_null(strstr(place->f->seen, paths[1]));
	put_file(place, files[1], "");
	assert_int_equal(load_all(place), MODEMS - 1);
	assert_int_equal(place->bad, 1);

	char path[64];

	snprintf(path, sizeof(path), "%s/%s", place->folder, files[1]);
	assert_int_equal(truncate(path, (off_t)STORE_MAX + 1), 0);
	assert_int_equal(load_all(place), MODEMS - 1);
	assert_int_equal(place->bad, 1);
}

static void store_follows_no_link_and_touches_no_other_file(void **state)
{
	struct place *place = *state;
	int folder = place->store.folder;

	put_file(place, "mine", "mine");
	put_file(place, "table-of-mine", "mine");
	assert_int_equal(symlinkat("mine", folder, "table.new"), 0);
	assert_int_equal(save_all(place), MODEMS);
	assert_int_equal(unlinkat(folder, files[0], 0), 0);
	assert_int_equal(renameat(folder, files[1], folder, "good"), 0);
	assert_int_equal(symlinkat("good", folder, files[0]), 0);
	assert_int_equal(mkfifoat(folder, files[1], 0600), 0);
	assert_int_equal(load_all(place), 1);
	assert_int_equal(place->bad, 2);
	/* both are replaced */
	place->modems[0].leases.changed = place->modems[1].leases.changed = true;
	assert_int_equal(save_all(place), 2);
	assert_int_equal(load_all(place), MODEMS);
	store_sweep(&place->store, &place->broker);
	assert_int_equal(count_files(place), MODEMS + 3);

	struct stat st;

	assert_int_equal(fstatat(folder, "mine", &st, 0), 0);
	assert_int_equal(st.st_size, 4);
}

static void store_sweeps_what_is_of_no_modem(void **state)
{
	struct place *place = *state;

	put_file(place, "table", "an older broker's");
	assert_int_equal(save_all(place), MODEMS);
	put_file(place, "table-%2Fdev%2Fcdc-wdm7", "nobody's");
	lease_table_done(&place->modems[1].leases); /* it was not restored */
	store_sweep(&place->store, &place->broker);
	assert_true(file_of(place, files[0]) != 0);
	assert_true(file_of(place, files[2]) != 0);
	assert_int_equal(count_files(place), 2);
}

static void store_says_nothing_of_another_boot(void **state)
{
	struct place *place = *state;

	assert_int_equal(strlen(place->store.boot), 36);
	memcpy(place->store.boot, "another", sizeof("another"));
	assert_int_equal(save_all(place), MODEMS);
	reopen(place);
	assert_int_equal(load_all(place), 0);
	assert_int_equal(place->bad, 0);
}

static void store_names_the_file_by_the_identity_when_the_path_is_too_long(void **state)
{
	struct place *place = *state;
	char path[300] = "/";

	memset(path + 1, 'x', sizeof(path) - 2);
	free(place->modems[0].path);
	place->modems[0].path = strdup(path);
	/* a line more would be one of the table's */
	free(place->modems[1].path);
	place->modems[1].path = strdup("unix:/a\nlease 1 1 1 -");
	assert_int_equal(save_all(place), 2);
	assert_true(file_of(place, "table-@0-0:1:2:3") != 0);
	assert_int_equal(load_all(place), 2);
	assert_non_null(strstr(place->f->seen, path));
	store_sweep(&place->store, &place->broker);
	assert_int_equal(count_files(place), 2);
	memset(path, 'y', sizeof(path) - 1);
	free(place->modems[0].identity);
	place->modems[0].identity = strdup(path);
	place->modems[0].leases.changed = true;
	assert_int_equal(store_save(&place->store, &place->modems[0]), -ENAMETOOLONG);
}

static void store_writes_a_table_that_is_larger_than_usual(void **state)
{
	struct place *place = *state;

	for (uint8_t id = 1; id < 255; id++)
		assert_non_null(lease_add(&place->modems[0].leases, DMS, id));
	assert_int_equal(save_all(place), MODEMS);
	assert_int_equal(load_all(place), MODEMS + 254);
}

static void store_keeps_nothing_when_it_has_no_folder(void **state)
{
	struct place *place = *state;

	store_close(&place->store);
	assert_int_equal(save_all(place), 0);
	assert_int_equal(load_all(place), 0);
	store_forget(&place->store, &place->modems[0]);
	store_sweep(&place->store, &place->broker);
	assert_int_equal(store_open(&place->store, "/nowhere/at/all"), -ENOENT);
	assert_int_equal(place->store.folder, -1);
}

static void store_leaves_the_file_as_it_is_when_another_cannot_be_written(void **state)
{
	struct place *place = *state;

	assert_int_equal(save_all(place), MODEMS);
	assert_int_equal(mkdirat(place->store.folder, "table.new", 0700), 0);
	assert_non_null(lease_add(&place->modems[0].leases, DMS, 1));
	assert_true(store_save(&place->store, &place->modems[0]) < 0);
	assert_int_equal(unlinkat(place->store.folder, "table.new", AT_REMOVEDIR), 0);
	assert_int_equal(load_all(place), MODEMS);
}

static void restore_into(void *userdata, const char *path, const char *identity,
			 const struct lease *lease)
{
	struct host *host = userdata;

	(void)!broker_restore(&host->broker, path, identity, lease);
}

static void restored_ids_are_orphans_that_their_name_takes_up(void **state)
{
	struct fixture *f = *state;
	struct host *host = host_new();
	struct host_peer *peer;
	struct qk_frame frame;

	host->used[WDS][2] = host->used[DMS][1] = true;
	host->ids_used = 2;
	host->call_up = true;
	assert_int_equal(store_read(f->text, f->size, BOOT, restore_into, host), 0);
	assert_int_equal(host->broker.modems->leases.count, 2);
	/* the call is still up: its id stays, the other one goes */
	host_pass(host, BROKER_GRACE_USEC);
	assert_int_equal(host->asked_status, 1);
	assert_int_equal(host->ids_used, 1);
	host_pass(host, BROKER_GRACE_USEC * 100);
	peer = host_open(host, "the-daemon");
	assert_true(host_next(peer, &frame));
	assert_int_equal(host->broker.counters.resumed, 1);
	assert_int_equal(host_ask(host, peer, WDS, 2, 1, 0x0000), 0);
	host_free(host);
}

static void restored_ids_are_forgotten_when_the_modem_is_another(void **state)
{
	struct fixture *f = *state;
	struct host *host = host_new();

	host->identity = "two";
	assert_int_equal(store_read(f->text, f->size, BOOT, restore_into, host), 0);
	assert_null(host->broker.modems);
	assert_non_null(strstr(host->said, "forgotten"));
	host_free(host);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
#define PLACE(fn) cmocka_unit_test_setup_teardown(fn, set_up_place, tear_down_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(store_reads_what_it_wrote),
		CASE(store_tells_nothing_when_the_table_is_of_another_boot),
		CASE(store_tells_nothing_when_any_byte_is_wrong),
		CASE(store_says_how_much_it_needs_when_the_buffer_is_small),
		CASE(store_reads_the_one_table_of_an_older_broker),
		PLACE(store_has_a_file_for_each_modem),
		PLACE(store_writes_the_modem_alone_whose_leases_changed),
		PLACE(store_removes_the_file_when_a_modem_has_no_leases),
		PLACE(store_removes_the_file_when_a_modem_is_closed),
		PLACE(store_loses_one_modem_when_its_file_is_broken),
		PLACE(store_follows_no_link_and_touches_no_other_file),
		PLACE(store_sweeps_what_is_of_no_modem),
		PLACE(store_says_nothing_of_another_boot),
		PLACE(store_names_the_file_by_the_identity_when_the_path_is_too_long),
		PLACE(store_writes_a_table_that_is_larger_than_usual),
		PLACE(store_keeps_nothing_when_it_has_no_folder),
		PLACE(store_leaves_the_file_as_it_is_when_another_cannot_be_written),
		CASE(restored_ids_are_orphans_that_their_name_takes_up),
		CASE(restored_ids_are_forgotten_when_the_modem_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
