/*
 * Face, AT: a pty that speaks AT as the modem's first AT port does (see face.h and face-pty.h).
 */
#include "at.h"
#include "face-pty.h"

static void on_bytes(void *userdata, struct qk_span bytes)
{
	qk_sim_pty_say(userdata, bytes);
}

/* The port counts as open all the time: the pty itself loses what nobody is there to read. */
static int attach(struct qk_sim *sim, struct qk_sim_pty *pty, void **ret)
{
	static const struct qk_at_sink sink = { on_bytes };
	struct qk_at_port *port = NULL;
	int r = qk_at_attach(sim, QK_AT_USBAT, &sink, pty, &port);

	if (r == 0)
		qk_at_set_open(port, true);
	*ret = port;
	return r;
}

static void detach(void *port)
{
	qk_at_detach(port);
}

static void input(void *port, struct qk_span bytes)
{
	qk_at_input(port, bytes);
}

static void reset(void *port)
{
	qk_at_set_open(port, false);
	qk_at_set_open(port, true);
}

int qk_sim_face_at_open(struct qk_sim_loop *loop, struct qk_sim *sim, const char *path,
			struct qk_sim_face **ret, char *error, size_t error_size)
{
	static const struct qk_sim_pty_speaker at = { attach, detach, input, reset };

	return qk_sim_pty_open(loop, sim, &at, path, ret, error, error_size);
}
