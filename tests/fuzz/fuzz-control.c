/* Fuzz target: lines of the control socket, cut at newlines. Each gets exactly one answer, which is one line
 * of JSON; the modem lives on. */
#include <stdlib.h>
#include <string.h>

#include "sim/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
	unsigned int answers;
};

static void on_line(void *userdata, const char *json, size_t size)
{
	struct heard *heard = userdata;
	json_t *line = json_loadb(json, size, 0, NULL);

	if (!line || memchr(json, '\n', size))
		abort();
	heard->answers += json_object_get(line, "ok") != NULL;
	json_decref(line);
}

static void run(struct qk_sim *sim, struct qk_control *control, const char *text, size_t size)
{
	struct heard heard = { 0 };
	struct qk_control_user user = { .line = on_line, .userdata = &heard };
	uint64_t now = 1000000;

	qk_control_add_user(control, &user);
	qk_control_line(control, &user, "{\"do\":\"watch\"}", 14);
	for (unsigned int lines = 1; size; lines++) {
		const char *end = memchr(text, '\n', size);
		size_t length = end ? (size_t)(end - text) : size;
		qk_control_line(control, &user, text, length);
		if (heard.answers != lines + 1)
			abort();
		qk_sim_advance(sim, now += 300000);
		text += end ? length + 1 : length;
		size -= end ? length + 1 : length;
	}
	qk_control_remove_user(control, &user);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* once: reading it takes longer than all the rest */
	static struct qk_sim_profile *profile;
	struct qk_control *control = NULL;
	struct qk_sim *sim = NULL;
	char error[128];

	if ((!profile && qk_sim_profile_load("", &profile, error, sizeof(error)) < 0) ||
	    qk_sim_new(profile, 1, 1000000, &sim) < 0 || qk_control_new(&control) < 0 ||
	    qk_control_add_modem(control, sim) < 0)
		abort();
	run(sim, control, (const char *)data, size);
	qk_control_free(control);
	qk_sim_free(sim);
	return 0;
}
