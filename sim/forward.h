/*
 * Forward: AT commands that a program of the modem's Linux answers. It registers their names in QMI's AT
 * service; an AT port passes them on to it and says what it answers.
 *
 * Owns: the names, by client id, and what AT ports wait for. Does not know: the grammar of AT.
 * Lifetime: that of struct qk_sim. Called from: forward.c's handlers, at-forward.c.
 *
 * Who asks is known by a pointer that is not looked into. Answers are bounded to QK_SIM_FORWARD_TEXT until
 * they are taken; what is more is lost.
 */
#pragma once

#include <qmikit/at.h>

#define QK_SIM_FORWARDED_MAX 160u
#define QK_SIM_FORWARD_NAME 32u
#define QK_SIM_FORWARD_ASKS 4u
#define QK_SIM_FORWARD_TEXT 4096u

struct qk_sim;

/* A command that was registered. */
struct qk_sim_forwarded {
	char name[QK_SIM_FORWARD_NAME];
	uint8_t client;
	bool abortable;
};

/* A command that was passed on. */
struct qk_sim_forward_ask {
	const void *asker; /* NULL: none */
	uint32_t handle;
	uint8_t client;
	bool done;
	uint8_t result; /* enum qk_at_answer_result */
	bool told;      /* the answer had text */
	char text[QK_SIM_FORWARD_TEXT];
	size_t text_size;
};

struct qk_sim_forward {
	struct qk_sim_forwarded commands[QK_SIM_FORWARDED_MAX];
	size_t count;
	struct qk_sim_forward_ask asks[QK_SIM_FORWARD_ASKS];
	uint32_t handle; /* the last one */
};

/* Who has registered this name, in whatever case it was typed; NULL: nobody. */
const struct qk_sim_forwarded *qk_sim_forward_find(const struct qk_sim *sim, const char *name,
						   size_t size);

/* Passes a command on; what `asker` asked before is forgotten. `handle` is set here. 0, or -EBUSY: too many
 * wait. */
int qk_sim_forward_ask(struct qk_sim *sim, const void *asker,
		       const struct qk_sim_forwarded *forwarded,
		       struct qk_at_command_indication *command);

/* What was answered since it was looked at last: the ask, whose text was not said yet, or NULL: nobody
 * answers any more. The caller sets `text_size` to 0, and `asker` to NULL when he is done with it. */
struct qk_sim_forward_ask *qk_sim_forward_answer(struct qk_sim *sim, const void *asker);
