/* The table that outlives a broker: written, read, and refused when it is anything else. */
#include "proxy/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	f->size = store_write(&f->host->broker, BOOT, f->text, sizeof(f->text));
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
	char small[16];

	assert_int_equal(store_write(&f->host->broker, BOOT, small, sizeof(small)), f->size);
	assert_int_equal(store_write(&f->host->broker, BOOT, small, 0), f->size);
}

static void store_replaces_the_file_as_a_whole(void **state)
{
	struct fixture *f = *state;
	char folder[] = "/tmp/qmikit-store-XXXXXX", path[64];

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/table", folder);
	assert_int_equal(store_load(path, BOOT, on_lease, f), -ENOENT);
	assert_int_equal(store_save(&f->host->broker, BOOT, path), 0);
	assert_int_equal(store_save(&f->host->broker, BOOT, path), 0);
	assert_int_equal(store_load(path, BOOT, on_lease, f), 0);
	assert_int_equal(f->told, 2);
	assert_int_equal(truncate(path, (off_t)f->size / 2), 0);
	assert_int_equal(store_load(path, BOOT, on_lease, f), -EBADMSG);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);

	char boot[STORE_BOOT_SIZE];

	assert_int_equal(store_boot(boot), 0);
	assert_int_equal(strlen(boot), 36);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(store_reads_what_it_wrote),
		CASE(store_tells_nothing_when_the_table_is_of_another_boot),
		CASE(store_tells_nothing_when_any_byte_is_wrong),
		CASE(store_says_how_much_it_needs_when_the_buffer_is_small),
		CASE(store_replaces_the_file_as_a_whole),
		CASE(restored_ids_are_orphans_that_their_name_takes_up),
		CASE(restored_ids_are_forgotten_when_the_modem_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
