// SPDX-License-Identifier: Apache-2.0
// Nothing is built for RISC-V, but the image builder reads this for every architecture.
#pragma once
#include <stdint.h>

typedef struct {
    uint8_t fI;
    uint8_t fM;
    uint8_t fA;
    uint8_t fF;
    uint8_t fD;
    uint8_t fC;
    uint8_t fV;
} CPUFeatures;
