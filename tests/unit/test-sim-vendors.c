/*
 * Messages that vendors made for themselves: who knows them, and whose a number is that two of them use.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/common.h>
#include <qmikit/dms.h>

#include "sim-host.h"
#include "sim/boot.h"

/* "everything" with the messages of these vendors alone, up to the first 0, and a client of DMS. */
static struct host *modem_of(const uint16_t *vendors, uint8_t *ret_client)
{
	struct host *host = host_new("everything", 3);

	host->profile->vendor_count = 0;
	while (vendors[host->profile->vendor_count]) {
		size_t i = host->profile->vendor_count++;
		host->profile->vendors[i].id = vendors[i];
	}
	*ret_client = host_allocate(host, QK_SERVICE_ID_DMS);
	return host;
}

static int change_mode(struct host *host, uint8_t client)
{
	const struct qk_dms_hp_change_device_mode_request request = {
		.has_mode = true,
		.mode = QK_DMS_HP_DEVICE_MODE_FASTBOOT,
	};

	return host_ask(host, client, &qk_dms_hp_change_device_mode_method, &request, NULL);
}

/* The error, and whether the answer was Sierra's. */
static int get_firmware(struct host *host, uint8_t client, bool *ret_told)
{
	const struct qk_dms_swi_get_current_firmware_request request = { 0 };
	struct qk_dms_swi_get_current_firmware_response response = { 0 };
	int error = host_ask(host, client, &qk_dms_swi_get_current_firmware_method, &request,
			     &response);

	*ret_told = response.has_model;
	return error;
}

static void vendors_are_unknown_when_profile_has_none(void **state)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = host_allocate(host, QK_SERVICE_ID_DMS);
	bool told;

	(void)state;
	assert_int_equal(host->profile->vendor_count, 0);
	assert_int_equal(change_mode(host, client), QK_ERROR_INVALID_QMI_COMMAND);
	assert_int_equal(get_firmware(host, client, &told), QK_ERROR_INVALID_QMI_COMMAND);
	host_free(host);
	host = modem_of((const uint16_t[]){ 0 }, &client);
	assert_int_equal(get_firmware(host, client, &told), QK_ERROR_INVALID_QMI_COMMAND);
	host_free(host);
}

/* 0x5556 is HP's, with a TLV, and Sierra's, without. */
static void vendors_are_told_apart_when_tlvs_differ(void **state)
{
	static const uint16_t orders[][3] = { { QK_VENDOR_HP, QK_VENDOR_SIERRA, 0 },
					      { QK_VENDOR_SIERRA, QK_VENDOR_HP, 0 } };
	uint8_t client;
	bool told;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct host *host = modem_of(orders[i], &client);

		assert_int_equal(get_firmware(host, client, &told), 0);
		assert_true(told);
		assert_int_equal(change_mode(host, client), 0);
		assert_int_equal(
			host_ask(host, client, &qk_dms_set_fcc_authentication_method, NULL, NULL),
			0);
		host_free(host);
	}
}

static void vendors_first_tells_the_mistake_when_none_fits(void **state)
{
	static const uint16_t hp[] = { QK_VENDOR_HP, 0 }, sierra[] = { QK_VENDOR_SIERRA, 0 };
	uint8_t client;
	bool told;
	struct host *host = modem_of(hp, &client);

	(void)state;
	assert_int_equal(get_firmware(host, client, &told), QK_ERROR_MISSING_ARGUMENT);
	host_free(host);
	host = modem_of(sierra, &client);
	assert_int_equal(change_mode(host, client), 0); /* what it does not know it passes over */
	host_free(host);
}

/* 0x5571 has two forms: a number, or a text and a number. The second lacks TLV 2 in the first. */
static void vendors_forms_are_told_apart_when_both_are_foxconns(void **state)
{
	const struct qk_dms_foxconn_set_fcc_authentication_request first = { .has_value = true };
	const struct qk_dms_foxconn_set_fcc_authentication_v2_request second = {
		.has_magic_string = true,
		.magic_string = { "foxc", 4 },
		.has_magic_number = true,
		.magic_number = 48,
	};
	static const uint16_t v2[] = { QK_VENDOR_FOXCONN_V2, 0 },
			      both[] = { QK_VENDOR_FOXCONN, QK_VENDOR_FOXCONN_V2, 0 };
	uint8_t client;
	struct host *host = modem_of(v2, &client);

	(void)state;
	assert_int_equal(
		host_ask(host, client, &qk_dms_foxconn_set_fcc_authentication_method, &first, NULL),
		QK_ERROR_MISSING_ARGUMENT);
	host_free(host);
	host = modem_of(both, &client);
	assert_int_equal(
		host_ask(host, client, &qk_dms_foxconn_set_fcc_authentication_method, &first, NULL),
		0);
	assert_int_equal(host_ask(host, client, &qk_dms_foxconn_set_fcc_authentication_v2_method,
				  &second, NULL),
			 0);
	host_free(host);
}

/* Boots the modem anew, as the profile has it by now; a client of DMS. */
static uint8_t boot(struct host *host)
{
	struct qk_sim_state *state = qk_sim_state(host->sim);

	qk_sim_state_reboot(state, 0);
	for (size_t i = 0; i < 100 && !qk_sim_state_is_up(state); i++)
		qk_sim_advance(host->sim, state->now_usec + 1000000);
	host_drop(host);
	return host_allocate(host, QK_SERVICE_ID_DMS);
}

static int set_mode(struct host *host, uint8_t client, uint8_t mode)
{
	const struct qk_dms_set_operating_mode_request request = { .has_mode = true, .mode = mode };
	int error = host_ask(host, client, &qk_dms_set_operating_mode_method, &request, NULL);

	host_drop(host);
	return error;
}

static uint8_t get_mode(struct host *host, uint8_t client)
{
	struct qk_dms_get_operating_mode_response response = { 0 };

	assert_int_equal(host_ask(host, client, &qk_dms_get_operating_mode_method, NULL, &response),
			 0);
	return response.mode;
}

/* Whether the modem says that it knows a message. */
static bool is_listed(struct host *host, uint8_t client, uint16_t message)
{
	struct qk_dms_get_supported_messages_response response = { 0 };

	assert_int_equal(
		host_ask(host, client, &qk_dms_get_supported_messages_method, NULL, &response), 0);
	return message / 8u < response.list.size &&
	       response.list.data[message / 8u] & 1u << message % 8;
}

static void radio_is_locked_until_the_laptop_vouches(void **state)
{
	static const uint8_t online = QK_DMS_OPERATING_MODE_ONLINE,
			     low = QK_DMS_OPERATING_MODE_LOW_POWER;
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = host_allocate(host, QK_SERVICE_ID_DMS);
	const struct qk_method *unlock = &qk_dms_set_fcc_authentication_method;

	(void)state;
	assert_int_equal(host_ask(host, client, unlock, NULL, NULL), QK_ERROR_INVALID_QMI_COMMAND);
	assert_false(is_listed(host, client, 0x555f));
	host->profile->power.fcc_lock = QK_SIM_FCC_DMS;
	client = boot(host);
	assert_true(is_listed(host, client, 0x555f));
	assert_int_equal(get_mode(host, client), low);
	assert_int_equal(set_mode(host, client, online), QK_ERROR_INVALID_TRANSITION);
	assert_int_equal(host_ask(host, client, unlock, NULL, NULL), 0);
	assert_int_equal(get_mode(host, client), low);
	assert_int_equal(set_mode(host, client, online), 0);
	assert_int_equal(get_mode(host, client), online);
	assert_int_equal(set_mode(host, client, low), 0);
	assert_int_equal(set_mode(host, client, online), 0);
	client = boot(host);
	assert_int_equal(set_mode(host, client, online), QK_ERROR_INVALID_TRANSITION);
	host_free(host);
}

static void radio_is_unlocked_by_foxconns_message_alone(void **state)
{
	struct host *host = host_new("ec25-eux", 1);
	struct qk_dms_foxconn_set_fcc_authentication_request request = { .has_value = true,
									 .value = 1 };
	const struct qk_method *unlock = &qk_dms_foxconn_set_fcc_authentication_method;
	uint8_t client;

	(void)state;
	host->profile->power.fcc_lock = QK_SIM_FCC_FOXCONN;
	client = boot(host);
	assert_int_equal(host_ask(host, client, unlock, &request, NULL),
			 QK_ERROR_INVALID_QMI_COMMAND);
	host->profile->vendors[0].id = QK_VENDOR_FOXCONN;
	host->profile->vendor_count = 1;
	assert_int_equal(host_ask(host, client, &qk_dms_set_fcc_authentication_method, NULL, NULL),
			 QK_ERROR_INVALID_QMI_COMMAND);
	assert_int_equal(host_ask(host, client, unlock, &request, NULL), QK_ERROR_INVALID_ARGUMENT);
	assert_int_equal(set_mode(host, client, QK_DMS_OPERATING_MODE_ONLINE),
			 QK_ERROR_INVALID_TRANSITION);
	request.value = 0;
	assert_int_equal(host_ask(host, client, unlock, &request, NULL), 0);
	assert_int_equal(set_mode(host, client, QK_DMS_OPERATING_MODE_ONLINE), 0);
	host_free(host);
}

static void vendors_tell_the_models_firmware_when_it_behaves(void **state)
{
	struct host *host = host_new("ec25-eux", 1);
	uint8_t client = host_allocate(host, QK_SERVICE_ID_DMS);
	const struct qk_sim_identity *identity = &qk_sim_state(host->sim)->identity;
	const struct qk_dms_foxconn_get_firmware_version_request apps = {
		.has_version_type = true,
		.version_type = QK_DMS_FOXCONN_FIRMWARE_VERSION_TYPE_APPS,
	};
	struct qk_dms_foxconn_get_firmware_version_response version = { 0 };
	struct qk_dms_swi_get_current_firmware_response current = { 0 };

	(void)state;
	host->profile->vendors[0].id = QK_VENDOR_FOXCONN;
	host->profile->vendors[1].id = QK_VENDOR_SIERRA;
	host->profile->vendor_count = 2;
	assert_int_equal(host_ask(host, client, &qk_dms_foxconn_get_firmware_version_method, &apps,
				  &version),
			 0);
	assert_int_equal(version.version.size, strlen(identity->revision));
	assert_memory_equal(version.version.data, identity->revision, version.version.size);
	assert_int_equal(
		host_ask(host, client, &qk_dms_swi_get_current_firmware_method, NULL, &current), 0);
	assert_memory_equal(current.model.data, identity->model, current.model.size);
	assert_memory_equal(current.amss_version.data, identity->revision,
			    current.amss_version.size);
	assert_int_equal(host_ask(host, client, &qk_dms_swi_get_usb_composition_method, NULL, NULL),
			 QK_ERROR_INVALID_QMI_COMMAND);
	host_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vendors_are_unknown_when_profile_has_none),
		cmocka_unit_test(vendors_are_told_apart_when_tlvs_differ),
		cmocka_unit_test(vendors_first_tells_the_mistake_when_none_fits),
		cmocka_unit_test(radio_is_locked_until_the_laptop_vouches),
		cmocka_unit_test(radio_is_unlocked_by_foxconns_message_alone),
		cmocka_unit_test(vendors_tell_the_models_firmware_when_it_behaves),
		cmocka_unit_test(vendors_forms_are_told_apart_when_both_are_foxconns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
