/*
 * Recorder play, static: writes a frame to a pty. No library can be put in front of what it calls.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	static const unsigned char frame[] = { 1, 15, 0, 0, 0, 0, 0, 1, 0x22, 0, 4, 0, 1, 1, 0, 3 };
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	char name[64];

	if (master < 0 || unlockpt(master) < 0 || ptsname_r(master, name, sizeof(name)) != 0)
		return 1;
	slave = open(name, O_RDWR | O_NOCTTY);
	if (slave < 0 || write(slave, frame, sizeof(frame)) != sizeof(frame))
		return 1;
	puts("wrote a frame");
	return 0;
}
