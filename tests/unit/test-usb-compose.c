/*
 * What the virtual modem is on the bus, by its profile, its settings and its condition.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/profile.h"
#include "sim/usb-descriptor.h"

struct modem {
	struct qk_sim_profile *profile;
	struct qk_sim_state state;
	struct qk_usb_model model;
	uint8_t bytes[QK_USB_DESCRIPTOR_MAX];
	int size;
};

static int setup(void **state)
{
	struct modem *modem = calloc(1, sizeof(*modem));
	char error[128];

	assert_non_null(modem);
	assert_int_equal(qk_sim_profile_load("", &modem->profile, error, sizeof(error)), 0);
	qk_sim_state_start(&modem->state, modem->profile, 1, 0);
	*state = modem;
	return 0;
}

static int teardown(void **state)
{
	struct modem *modem = *state;

	qk_sim_profile_free(modem->profile);
	free(modem);
	return 0;
}

static void describe(struct modem *modem, uint16_t value)
{
	assert_true(qk_usb_compose(&modem->state, &modem->model));
	modem->size = qk_usb_describe(&modem->model, value, 0, modem->bytes);
	assert_true(modem->size > 0);
}

/* Walks over the configuration's descriptors; their lengths must add up. Returns how many are of
 * `type`, and the `nth` of them. */
static unsigned int find(const struct modem *modem, uint8_t type, unsigned int nth,
			 const uint8_t **ret)
{
	unsigned int count = 0;
	int at = 0;

	assert_int_equal(modem->bytes[2] | modem->bytes[3] << 8, modem->size);
	for (; at < modem->size; at += modem->bytes[at]) {
		assert_in_range(modem->bytes[at], 2, modem->size - at);
		if (modem->bytes[at + 1] == type && count++ == nth && ret)
			*ret = modem->bytes + at;
	}
	assert_int_equal(at, modem->size);
	return count;
}

/* The endpoint addresses in the order of their descriptors. */
static void expect_endpoints(const struct modem *modem, const char *addresses)
{
	const uint8_t *endpoint = NULL;

	assert_int_equal(find(modem, 5, 0, NULL), strlen(addresses));
	for (unsigned int i = 0; addresses[i]; i++) {
		find(modem, 5, i, &endpoint);
		assert_int_equal(endpoint[2], (uint8_t)addresses[i]);
	}
}

static void configure(struct modem *modem, void (*change)(struct qk_sim_usb_config *config))
{
	struct qk_sim_usb_config config = modem->state.usb.stored;

	change(&config);
	assert_int_equal(qk_sim_usb_set_functions(&modem->state, &config), 0);
	qk_sim_usb_boot(&modem->state);
}

static void default_composition_is_that_of_the_listing(void **state)
{
	struct modem *modem = *state;

	describe(modem, 0x0200);
	assert_int_equal(modem->size, 209);
	expect_endpoints(modem, "\x81\x01\x83\x82\x02\x85\x84\x03\x87\x86\x04\x89\x88\x05");
}

static void with_adb(struct qk_sim_usb_config *config)
{
	config->adb = true;
}

static void adb_changes_class_and_attributes(void **state)
{
	struct modem *modem = *state;
	const uint8_t *interface = NULL;

	configure(modem, with_adb);
	describe(modem, 0x0100);
	assert_memory_equal(modem->bytes + 4, "\xef\x02\x01", 3);
	describe(modem, 0x0200);
	assert_int_equal(modem->bytes[4], 6);
	assert_int_equal(modem->bytes[7], 0x80);
	find(modem, 4, 5, &interface);
	assert_memory_equal(interface, "\x09\x04\x05\x00\x02\xff\x42\x01\x00", 9);
	expect_endpoints(modem, "\x81\x01\x83\x82\x02\x85\x84\x03\x87\x86\x04\x89\x88\x05\x06\x8a");
}

static void with_audio(struct qk_sim_usb_config *config)
{
	config->audio = true;
}

static void audio_is_three_interfaces_in_an_association(void **state)
{
	struct modem *modem = *state;
	const uint8_t *found = NULL;

	configure(modem, with_audio);
	describe(modem, 0x0200);
	assert_int_equal(modem->bytes[4], 8);
	assert_int_equal(find(modem, 11, 0, &found), 1);
	assert_memory_equal(found, "\x08\x0b\x05\x03\x01\x00\x00\x00", 8);
	/* isochronous of 16 bytes, in and out */
	find(modem, 5, 14, &found);
	assert_memory_equal(found, "\x09\x05\x8a\x05\x10\x00", 6);
	find(modem, 5, 15, &found);
	assert_memory_equal(found, "\x09\x05\x06\x05\x10\x00", 6);
	/* the header of the control interface counts all class-specific bytes behind it */
	unsigned int specific = 0, in_control = 0;
	for (int at = 0, number = -1; at < modem->size; at += modem->bytes[at]) {
		if (modem->bytes[at + 1] == 4)
			number = modem->bytes[at + 2];
		if (number == 5 && modem->bytes[at + 1] == 0x24) {
			if (modem->bytes[at + 2] == 1)
				specific = modem->bytes[at + 5] | modem->bytes[at + 6] << 8;
			in_control += modem->bytes[at];
		}
	}
	assert_int_equal(specific, in_control);
}

static void without_nmea(struct qk_sim_usb_config *config)
{
	config->nmea = false;
}

static void later_functions_move_up_when_one_is_off(void **state)
{
	struct modem *modem = *state;

	configure(modem, without_nmea);
	describe(modem, 0x0200);
	assert_int_equal(modem->bytes[4], 4);
	assert_int_equal(modem->model.interfaces[1].role, QK_USB_AT);
	expect_endpoints(modem, "\x81\x01\x83\x82\x02\x85\x84\x03\x87\x86\x04");
}

static void other_speed_has_small_packets_and_long_intervals(void **state)
{
	struct modem *modem = *state;
	const uint8_t *endpoint = NULL;

	describe(modem, 0x0700);
	assert_int_equal(modem->bytes[1], 7);
	find(modem, 5, 0, &endpoint);
	assert_memory_equal(endpoint, "\x07\x05\x81\x02\x40\x00\x00", 7);
	find(modem, 5, 2, &endpoint);
	assert_memory_equal(endpoint, "\x07\x05\x83\x03\x0a\x00\x20", 7);
}

static void loaders_have_ids_of_their_own(void **state)
{
	struct modem *modem = *state;

	qk_sim_state_reboot_by(&modem->state, QK_SIM_LOADER_EDL, 1000000, 4000000);
	assert_false(qk_usb_compose(&modem->state, &modem->model));
	qk_sim_state_advance(&modem->state, 1500000);
	describe(modem, 0x0100);
	assert_memory_equal(modem->bytes + 8, "\xc6\x05\x08\x90", 4);
	describe(modem, 0x0200);
	assert_int_equal(modem->bytes[4], 1);
	qk_sim_state_reboot_by(&modem->state, QK_SIM_LOADER_FASTBOOT, 0, 4000000);
	qk_sim_state_advance(&modem->state, 1600000);
	describe(modem, 0x0100);
	assert_memory_equal(modem->bytes + 8, "\xd1\x18\x0d\xd0", 4);
}

static void function_list_is_what_the_modems_linux_says(void **state)
{
	static const char *const wrong[] = { "rmnet,rmnet", "rmnet,ecm", "diag;serial", "mtp",
					     "diag,,serial" };
	struct modem *modem = *state;
	char list[QK_SIM_USB_LIST_SIZE];

	qk_sim_usb_list(&modem->state, list);
	assert_string_equal(list, "diag,serial,rmnet");
	assert_int_equal(qk_sim_usb_set_list(&modem->state, "adb,diag,serial,rmnet"), -EBUSY);
	qk_sim_usb_enable(&modem->state, false);
	assert_false(qk_usb_compose(&modem->state, &modem->model));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(qk_sim_usb_set_list(&modem->state, wrong[i]), -EINVAL);
	assert_int_equal(qk_sim_usb_set_list(&modem->state, "adb,diag,serial,rmnet"), 0);
	uint32_t left = modem->state.usb.left;
	qk_sim_usb_enable(&modem->state, true);
	assert_int_equal(modem->state.usb.left, left);
	qk_sim_usb_list(&modem->state, list);
	assert_string_equal(list, "adb,diag,serial,rmnet");
	describe(modem, 0x0200);
	assert_int_equal(modem->bytes[4], 6);
	/* the next boot knows nothing of it */
	qk_sim_usb_boot(&modem->state);
	describe(modem, 0x0200);
	assert_int_equal(modem->bytes[4], 5);
}

static int parse(struct modem *modem, const char *functions, char *error, size_t error_size)
{
	char json[256];
	int size = snprintf(json, sizeof(json),
			    "{\"base\": \"ec25-eux\", \"usb\": {\"functions\": \"%s\", "
			    "\"certainty\": {\"functions\": \"U\"}}}",
			    functions);

	modem->profile = qk_sim_profile_free(modem->profile);
	return qk_sim_profile_parse("x", json, (size_t)size, &modem->profile, error, error_size);
}

static void profile_says_which_functions_are_on_at_first(void **state)
{
	struct modem *modem = *state;
	char error[256];

	assert_int_equal(parse(modem, "diag,modem", error, sizeof(error)), -EINVAL);
	assert_string_equal(error,
			    "profile 'x': line 1: usb.functions: must be names with commas between "
			    "them: adb, diag, serial, audio and one of rmnet, ecm, mbim, "
			    "rndis");
	assert_int_equal(parse(modem, "diag,mbim", error, sizeof(error)), 0);
	qk_sim_state_start(&modem->state, modem->profile, 1, 0);
	describe(modem, 0x0200);
	assert_int_equal(modem->bytes[4], 3);
	assert_int_equal(modem->model.interfaces[1].role, QK_USB_MBIM);
	assert_int_equal(modem->model.interfaces[2].role, QK_USB_DATA);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(default_composition_is_that_of_the_listing),
		TEST(adb_changes_class_and_attributes),
		TEST(audio_is_three_interfaces_in_an_association),
		TEST(later_functions_move_up_when_one_is_off),
		TEST(other_speed_has_small_packets_and_long_intervals),
		TEST(loaders_have_ids_of_their_own),
		TEST(profile_says_which_functions_are_on_at_first),
		TEST(function_list_is_what_the_modems_linux_says),
	};

	return cmocka_run_group_tests_name("usb-compose", tests, NULL, NULL);
}
