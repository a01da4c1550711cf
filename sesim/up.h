/*
 * `sesim up`, `down` and `status`: routers that run in the background, each
 * under a keeper of its own.
 */
#ifndef UP_H
#define UP_H

int up_main(int argc, char **argv);
int down_main(int argc, char **argv);
int status_main(int argc, char **argv);

#endif
