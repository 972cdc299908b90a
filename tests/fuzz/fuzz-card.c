/*
 * Fuzz target: SIM files and commands to the card. Every reader takes any bytes; a card takes any commands, one
 * behind another (each with its length in front), and its answers end in a status word and fit.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/3gpp/sim-file.h"
#include "sim/apdu.h"
#include "sim/profile.h"
#include "sim/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void read_files(struct qk_span bytes)
{
	char text[2][40];
	uint8_t small, written[256];
	struct qk_span aid;
	struct qk_plmn plmns[8];
	uint16_t acts[8];
	struct qk_file_control file;

	if (qk_iccid_read(bytes, text[0]) == 0)
		check(strlen(text[0]) <= 20);
	if (qk_imsi_read(bytes, text[0]) == 0) {
		qk_imsi_write(text[0], written);
		check(qk_imsi_read((struct qk_span){ written, QK_IMSI_SIZE }, text[1]) == 0);
		check(!strcmp(text[0], text[1]));
	}
	(void)!qk_admin_data_read(bytes, &small);
	(void)!qk_alpha_read(bytes, text[0], sizeof(text[0]));
	(void)!qk_spn_read(bytes, text[0], sizeof(text[0]), &small);
	if (qk_dialling_read(bytes, text[0], sizeof(text[0]), text[1], sizeof(text[1])) == 0)
		check(strlen(text[0]) < sizeof(text[0]) && strlen(text[1]) <= 21);
	(void)!qk_smsp_read(bytes, text[0], sizeof(text[0]));
	if (qk_dir_read(bytes, &aid, text[0], sizeof(text[0])) == 0)
		check(aid.data >= bytes.data && aid.data + aid.size <= bytes.data + bytes.size);
	(void)!qk_pnn_read(bytes, text[0], sizeof(text[0]), text[1], sizeof(text[1]));
	check(qk_plmn_list_read(bytes, plmns, acts, 8) <= 8);
	if (qk_file_control_read(bytes, &file) == 0 && file.application.size < 128)
		check(qk_file_control_write(&file, written, sizeof(written)) > 0);
}

static void run_commands(struct qk_sim_state *state, struct qk_span bytes)
{
	uint8_t answer[QK_SIM_APDU_MAX];
	struct qk_cursor c = qk_cursor(bytes);

	while (qk_cursor_left(&c) > 1) {
		size_t size = (size_t)qk_cursor_uint(&c, 1, false);
		struct qk_span command =
			qk_cursor_take(&c, size < qk_cursor_left(&c) ? size : qk_cursor_left(&c));
		size_t got = qk_sim_apdu(state, command, answer);

		check(got >= 2 && got <= sizeof(answer));
		check(answer[got - 2] >= 0x61);
		check(state->card.pin1.retries <= 3 && state->card.pin2.retries <= 3);
	}
	for (size_t i = 0; i < state->card.file_count; i++)
		check(state->card.files[i].at + state->card.files[i].size <= QK_SIM_FILE_BYTES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct qk_sim_profile
		*profile; /* one for all runs: loading takes longer than a run */
	static struct qk_sim_state state;
	char error[160];

	if (!profile && qk_sim_profile_load(NULL, &profile, error, sizeof(error)) < 0)
		abort();
	read_files((struct qk_span){ data, size });
	qk_sim_state_start(&state, profile, 1, 1000000);
	run_commands(&state, (struct qk_span){ data, size });
	return 0;
}
