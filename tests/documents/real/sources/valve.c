#include <stdio.h>
/* The valve opens at 3.2 bar. */
int main(void) { printf("valve %d\n", 7); return 0; }
