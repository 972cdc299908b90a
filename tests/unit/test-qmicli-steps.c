/*
 * qmicli's commands of more than one message: calls, indications and what is kept of them, on the virtual modem in
 * this process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/loc.h>
#include <qmikit/pdc.h>

#include "qmicli/options.h"
#include "qmicli/steps.h"
#include "qmicli/target.h"

/* A session on a virtual EC25, and one action of it. */
struct run {
	struct options options;
	struct target target;
	struct session session;
	struct failure failure;
	struct output out;
	struct steps steps;
};

static void begin(struct run *run, const char *action)
{
	static const struct qk_device_hooks hooks = { 0 };
	char word[64];
	char *argv[] = { "qmicli", "-dsim:", word };

	*run = (struct run){ 0 };
	snprintf(word, sizeof(word), "--%s", action);
	assert_int_equal(options_parse(&run->options, 3, argv, &run->failure), 0);
	assert_int_equal(target_choose(&run->options, &run->target, &run->failure), 0);
	assert_int_equal(
		session_open(&run->session, &run->options, &run->target, &hooks, &run->failure), 0);
	steps_begin(&run->steps, &run->session, run->options.actions, &run->out, &run->failure);
}

static void end(struct run *run)
{
	struct failure closing = { 0 };

	steps_end(&run->steps);
	session_close(&run->session, &closing);
	assert_int_equal(closing.code, 0);
	target_done(&run->target);
	options_done(&run->options);
	output_done(&run->out);
}

static const struct qk_pdc_list_configs_request list_request = {
	.has_config_type = true,
	.config_type = QK_PDC_CONFIGURATION_TYPE_SOFTWARE,
	.has_token = true,
	.token = 7,
};

static void steps_wait_gives_what_came_before_it_when_asked_for_it(void **state)
{
	const struct qk_pdc_get_selected_config_request selected_request = {
		.has_config_type = true,
		.config_type = QK_PDC_CONFIGURATION_TYPE_SOFTWARE,
		.has_token = true,
		.token = 8,
	};
	const struct qk_pdc_list_configs_indication *list;
	const struct qk_pdc_get_selected_config_indication *selected;
	struct run run;

	(void)state;
	begin(&run, "pdc-noop");
	assert_int_equal(steps_listen(&run.steps), 0);
	assert_non_null(
		steps_call(&run.steps, &qk_pdc_list_configs_method, &list_request, "no list"));
	assert_non_null(steps_call(&run.steps, &qk_pdc_get_selected_config_method,
				   &selected_request, "none selected"));
	selected = steps_wait(&run.steps, &qk_pdc_get_selected_config_message, 2000000);
	assert_non_null(selected);
	assert_int_equal(selected->token, 8);
	assert_int_equal(steps_keep(&run.steps), 0);
	list = steps_wait(&run.steps, NULL, 2000000);
	assert_non_null(list);
	assert_ptr_equal(run.steps.message, &qk_pdc_list_configs_message);
	assert_int_equal(list->token, 7);
	/* what was kept is as it was */
	assert_int_equal(selected->token, 8);
	assert_memory_equal(selected->active_id.data, list->configs.items[0].id.data, 20);
	assert_null(steps_wait(&run.steps, NULL, 0));
	assert_int_equal(run.failure.code, EXIT_NO_ANSWER);
	steps_forgive(&run.steps);
	assert_int_equal(run.failure.code, 0);
	end(&run);
}

static void steps_lose_indications_when_nobody_asks_for_them(void **state)
{
	struct run run;
	size_t count = 0;

	(void)state;
	begin(&run, "loc-noop");
	assert_int_equal(steps_listen(&run.steps), 0);
	for (size_t i = 0; i < STEPS_NEWS_MAX + 20; i++)
		assert_non_null(
			steps_call(&run.steps, &qk_loc_get_engine_lock_method, NULL, "no lock"));
	while (steps_wait(&run.steps, &qk_loc_get_engine_lock_message, 0))
		count++;
	assert_int_equal(count, STEPS_NEWS_MAX);
	/* there is room again */
	assert_non_null(steps_call(&run.steps, &qk_loc_get_engine_lock_method, NULL, "no lock"));
	assert_non_null(steps_wait(&run.steps, &qk_loc_get_engine_lock_message, 2000000));
	end(&run);
}

static void steps_call_fails_when_the_modem_refuses(void **state)
{
	struct run run;

	(void)state;
	begin(&run, "loc-noop");
	assert_null(steps_call(&run.steps, &qk_loc_get_predicted_orbits_data_validity_method, NULL,
			       "couldn't see"));
	assert_int_equal(run.failure.code, EXIT_REFUSED);
	assert_int_equal(run.failure.error, 71);
	assert_non_null(strstr(run.failure.text, "couldn't see: QMI protocol error (71)"));
	assert_false(steps_interrupted(&run.steps));
	end(&run);
}

static void steps_told_fails_when_the_outcome_is_bad(void **state)
{
	const struct qk_loc_set_engine_lock_request lock = { .has_lock_type = true,
							     .lock_type = 77 };
	const struct qk_pdc_get_config_info_request info = {
		.has_type_with_id_v2 = true,
		.type_with_id_v2 = { QK_PDC_CONFIGURATION_TYPE_SOFTWARE,
				     { (const uint8_t *)"x", 1 } },
	};
	struct run run;

	(void)state;
	begin(&run, "loc-noop");
	assert_int_equal(steps_listen(&run.steps), 0);
	assert_non_null(steps_call(&run.steps, &qk_loc_set_engine_lock_method, &lock, "no"));
	assert_null(
		steps_told(&run.steps, &qk_loc_set_engine_lock_message, 2000000, "couldn't lock"));
	assert_int_equal(run.failure.code, EXIT_REFUSED);
	assert_string_equal(run.failure.text,
			    "couldn't lock: the modem says: invalid-parameter (3)");
	end(&run);
	begin(&run, "pdc-noop");
	assert_int_equal(steps_listen(&run.steps), 0);
	assert_non_null(steps_call(&run.steps, &qk_pdc_get_config_info_method, &info, "no"));
	assert_null(
		steps_told(&run.steps, &qk_pdc_get_config_info_message, 2000000, "couldn't look"));
	assert_int_equal(run.failure.error, QK_ERROR_NO_ENTRY);
	assert_non_null(strstr(run.failure.text, "couldn't look: QMI protocol error (50)"));
	end(&run);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_wait_gives_what_came_before_it_when_asked_for_it),
		cmocka_unit_test(steps_lose_indications_when_nobody_asks_for_them),
		cmocka_unit_test(steps_call_fails_when_the_modem_refuses),
		cmocka_unit_test(steps_told_fails_when_the_outcome_is_bad),
	};

	return cmocka_run_group_tests_name("qmicli-steps", tests, NULL, NULL);
}
