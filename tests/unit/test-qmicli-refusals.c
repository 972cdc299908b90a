/*
 * Arguments of qmicli's commands that are refused, and what is said of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "command-request.h"

static void request_fails_when_argument_does_not_fit(void **state)
{
	static const char *const numbers[] = { "256", "-1", "", "1x", "99999999999999999999" };
	struct failure failure;

	(void)state;
	assert_null(request_of("dms-set-operating-mode", "low", &failure));
	assert_int_equal(failure.code, EXIT_USAGE);
	assert_non_null(strstr(failure.hint, "low-power"));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_null(request_of("device-set-instance-id", numbers[i], &failure));
	assert_non_null(strstr(failure.text, "99999999999999999999"));
}

/* What is wrong with words, bytes, paths and items. */
static void request_fails_when_values_do_not_fit(void **state)
{
	static const struct {
		const char *name, *argument, *text, *hint;
	} cases[] = {
		{ "uim-verify-pin", "PIN3,1234", "invalid pin-id value given: 'PIN3'",
		  "PIN1, PIN2" },
		{ "uim-verify-pin", "PIN1,1234,PIN", "no equal sign", "" },
		{ "uim-verify-pin", "PIN1,1234,session-type=x", "invalid session-type", "" },
		{ "uim-send-apdu", "1,2,0", "invalid apdu value given: '0'", "hex" },
		{ "uim-send-apdu", "1,2,0g", "invalid apdu", "hex" },
		{ "uim-send-apdu", "1,2,00:", "invalid apdu", "hex" },
		{ "uim-send-apdu", "1,2", "too few values", "" },
		{ "uim-depersonalization", "gw-network,deactivate,1,6",
		  "invalid slot value given: '6'", "from 1 to 5" },
		{ "uim-read-transparent", "3F00,", "invalid file value given: '3F00,'", "0x3F00" },
		{ "uim-read-transparent", "3F000", "invalid file", "" },
		{ "uim-read-transparent", "0", "invalid file", "" },
		{ "uim-read-record", "record-number=1", "no file given", "" },
		{ "uim-switch-slot", "0", "invalid physical-slot value given: '0'",
		  "from 1 to 255" },
		{ "uim-monitor-refresh-file", "3F00 x", "invalid file path given: 'x'", "0x3F00" },
		{ "uim-monitor-refresh-file", "", "invalid file path given: ''", "0x3F00" },
		{ "wms-set-routes", "", "no type given", "" },
		{ "wms-set-routes", "type=point,class=1", "no storage given", "" },
		{ "wms-set-routes", "type=point,type=point", "duplicate option 'type'", "" },
		{ "wms-set-cbs-channels", "1,70000", "invalid CBS channels given: '70000'", "" },
		{ "wms-set-cbs-channels", "5-4", "invalid CBS channels given: '5-4'", "" },
		{ "wms-set-cbs-channels", "1,,2", "invalid CBS channels given: ''", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct failure failure;

		if (request_of(cases[i].name, cases[i].argument, &failure))
			fail_msg("%s=%s was taken", cases[i].name, cases[i].argument);
		if (!strstr(failure.text, cases[i].text) || !strstr(failure.hint, cases[i].hint))
			fail_msg("%s=%s says: %s; %s", cases[i].name, cases[i].argument,
				 failure.text, failure.hint);
		assert_int_equal(failure.code, EXIT_USAGE);
	}
}

/* Arguments that are refused, and a word of the line that says so. */
static void request_fails_when_keys_do_not_fit(void **state)
{
	static const struct {
		const char *name, *argument, *word;
	} wrong[] = {
		{ "wds-start-network", "apn=a,apn=b", "duplicate option 'apn'" },
		{ "wds-start-network", "apn=", "requires a value" },
		{ "wds-start-network", "apn='a", "the quote does not end" },
		{ "wds-start-network", "apn=a b", "a comma was expected at 'b'" },
		{ "wds-start-network", "=a", "a key was expected" },
		{ "wds-start-network", "apn=a,", "a key was expected" },
		{ "wds-start-network", "apn=a,ip type", "no equal sign" },
		{ "wds-start-network", "nap=a", "unrecognized option 'nap'" },
		{ "wds-start-network", "ip-type=5", "'5'" },
		{ "wds-start-network", "3gpp-profile=256", "'256'" },
		{ "wds-start-network", "a,MD5", "'MD5'" },
		{ "wds-stop-network", "0", "'0'" },
		{ "wds-stop-network", "-1", "'-1'" },
		{ "wds-stop-network", "4294967296", "'4294967296'" },
		{ "wds-set-ip-family", "5", "'5'" },
		{ "wds-bind-data-port", "65536", "'65536'" },
		{ "wds-bind-mux-data-port", "mux-id=1", "both needed" },
		{ "wds-bind-mux-data-port", "mux-id=255,ep-iface-number=4", "[0,254]" },
		{ "wds-bind-mux-data-port", "3", "no equal sign" },
		{ "wda-set-data-format", "ul-protocol=qmap",
		  "Link Layer Protocol value is missing" },
		{ "wda-set-data-format", "raw", "'raw'" },
		{ "wda-set-data-format", "link-layer-protocol=raw-ip,ep-type=hsusb", "both set" },
		{ "wda-get-data-format", "ep-iface-number=4", "both set" },
		{ "wda-get-data-format", "ep-type=undefined,ep-iface-number=4", "both set" },
		{ "dpm-open-port", "hw-data-rx-id=0", "'0'" },
		{ "nas-set-system-selection-preference", "lte,", "''" },
		{ "nas-set-system-selection-preference", "", "''" },
		{ "nas-set-system-selection-preference", "amps", "'amps'" },
		{ "nas-set-system-selection-preference", "manual=2620", "'2620'" },
		{ "nas-set-system-selection-preference", "lte,automatic,x", "lte,automatic,x" },
		{ "nas-set-preferred-networks", "26201", "technology missing" },
		{ "nas-set-preferred-networks", "26201,x", "'x'" },
		{ "nas-set-preferred-networks", "2620a,all", "'2620a'" },
		{ "nas-get-plmn-name", "00001", "'00001'" },
		{ "nas-get-plmn-name", "2620111", "'2620111'" },
		{ "nas-network-scan", "lte|x", "'lte|x'" },
		{ "gms-test-set-value", "1,", "an empty value" },
		{ "gms-test-set-value", "", "an empty value" },
		{ "gms-test-set-value", "1,2,3", "too many values" },
		{ "gms-test-set-value", "1,256", "'256'" },
		{ "dsd-set-apn-type", "a", "too few values" },
		{ "dsd-set-apn-type", "a,mms|x", "'mms|x'" },
	};
	struct failure failure;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_null(request_of(wrong[i].name, wrong[i].argument, &failure));
		assert_int_equal(failure.code, EXIT_USAGE);
		if (!strstr(failure.text, wrong[i].word))
			fail_msg("%s=%s: %s", wrong[i].name, wrong[i].argument, failure.text);
	}
}

/* The same of commands on the device, its firmware and its locks. */
static void request_fails_when_device_is_told_nonsense(void **state)
{
	static const struct {
		const char *name, *argument, *word;
	} wrong[] = {
		{ "dms-uim-verify-pin", "PIN3,1234", "'PIN3'" },
		{ "dms-uim-verify-pin", "PIN,", "an empty value" },
		{ "dms-uim-set-pin-protection", "PIN,maybe,1234", "'maybe'" },
		{ "dms-uim-set-ck-protection", "pn,enable,1", "disable value given: 'enable'" },
		{ "dms-set-user-lock-code", "0000,12345", "new lock code value given: '12345'" },
		{ "dms-set-user-lock-state", "enable,123", "'123'" },
		{ "dms-restore-factory-defaults", "12345", "'12345'" },
		{ "dms-activate-manual", "000000,65536,1,2", "'65536'" },
		{ "dms-activate-manual", "000000,1,1234567890123456,2", "'1234567890123456'" },
		{ "dms-set-firmware-preference", "a,b", "too few" },
		{ "dms-set-firmware-preference", "carrier=a", "no firmware-version given" },
		{ "dms-set-firmware-preference", "carrier=a,carrier=b", "duplicate" },
		{ "dms-foxconn-set-fcc-authentication", "0x100", "'0x100'" },
		{ "dms-select-stored-image", "modem1", "too few images given" },
		{ "dms-select-stored-image", "modem1,modem2", "second image of one type" },
		{ "dms-select-stored-image", "modem1,pri1,", "invalid image given: ''" },
		{ "dms-select-stored-image", "modem,pri1", "invalid image given: 'modem'" },
		{ "dms-delete-stored-image", "modem256", "invalid image given: 'modem256'" },
		{ "dms-delete-stored-image", "pri1,modem1", "too many images given" },
		{ "dms-delete-stored-image", "boot1", "invalid image given: 'boot1'" },
		{ "dms-swi-set-usb-composition", "23", "'23'" },
		{ "gas-dms-set-usb-composition", "0x100000000", "'0x100000000'" },
		{ "gas-dms-set-usb-composition", "0x", "'0x'" },
		{ "gas-dms-set-usb-composition", "0x1g", "'0x1g'" },
		{ "gas-dms-set-firmware-auto-sim", "config-id=1", "no mode given" },
		{ "gas-dms-set-firmware-auto-sim", "mode=enable,config-id=255", "'255'" },
		{ "fox-set-fcc-authentication", "foxc", "too few" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct failure failure;

		if (request_of(wrong[i].name, wrong[i].argument, &failure))
			fail_msg("%s=%s was taken", wrong[i].name, wrong[i].argument);
		assert_int_equal(failure.code, EXIT_USAGE);
		if (!strstr(failure.text, wrong[i].word))
			fail_msg("%s=%s says: %s", wrong[i].name, wrong[i].argument, failure.text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_fails_when_argument_does_not_fit),
		cmocka_unit_test(request_fails_when_values_do_not_fit),
		cmocka_unit_test(request_fails_when_keys_do_not_fit),
		cmocka_unit_test(request_fails_when_device_is_told_nonsense),
	};

	return cmocka_run_group_tests_name("qmicli-refusals", tests, NULL, NULL);
}
