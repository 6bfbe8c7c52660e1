// SPDX-License-Identifier: Apache-2.0
// What this processor can do, as the image builder and the program at its start ask for it.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include "amd64cpufeatures.h"

void determineCPUFeatures(CPUFeatures *features) {
    memset(features, 0, sizeof *features);
    __builtin_cpu_init();
    features->fCX8 = features->fFXSR = features->fTSC = features->fHT = features->fFLUSH = 1; // every x86-64
    features->fAMD_3DNOW_PREFETCH = 1;
#define ASK(field, name) features->field = __builtin_cpu_supports(name) != 0
    ASK(fCMOV, "cmov");
    ASK(fMMX, "mmx");
    ASK(fSSE, "sse");
    ASK(fSSE2, "sse2");
    ASK(fSSE3, "sse3");
    ASK(fSSSE3, "ssse3");
    ASK(fSSE4A, "sse4a");
    ASK(fSSE4_1, "sse4.1");
    ASK(fSSE4_2, "sse4.2");
    ASK(fPOPCNT, "popcnt");
    ASK(fLZCNT, "lzcnt");
    ASK(fAVX, "avx");
    ASK(fAVX2, "avx2");
    ASK(fAES, "aes");
    ASK(fCLMUL, "pclmul");
    ASK(fBMI1, "bmi");
    ASK(fBMI2, "bmi2");
    ASK(fADX, "adx");
    ASK(fFMA, "fma");
    ASK(fF16C, "f16c");
    ASK(fSHA, "sha");
    ASK(fAVX512F, "avx512f");
    ASK(fAVX512DQ, "avx512dq");
    ASK(fAVX512CD, "avx512cd");
    ASK(fAVX512BW, "avx512bw");
    ASK(fAVX512VL, "avx512vl");
    ASK(fFLUSHOPT, "clflushopt");
    ASK(fCLWB, "clwb");
    ASK(fGFNI, "gfni");
#undef ASK
}

#elif defined(__aarch64__)
#include "aarch64cpufeatures.h"
#include <asm/hwcap.h>
#include <sys/auxv.h>

void determineCPUFeatures(CPUFeatures *features) {
    unsigned long capabilities = getauxval(AT_HWCAP);
    memset(features, 0, sizeof *features);
    features->fFP = (capabilities & HWCAP_FP) != 0;
    features->fASIMD = (capabilities & HWCAP_ASIMD) != 0;
    features->fEVTSTRM = (capabilities & HWCAP_EVTSTRM) != 0;
    features->fAES = (capabilities & HWCAP_AES) != 0;
    features->fPMULL = (capabilities & HWCAP_PMULL) != 0;
    features->fSHA1 = (capabilities & HWCAP_SHA1) != 0;
    features->fSHA2 = (capabilities & HWCAP_SHA2) != 0;
    features->fCRC32 = (capabilities & HWCAP_CRC32) != 0;
    features->fLSE = (capabilities & HWCAP_ATOMICS) != 0;
}

#else
#error "Sluice is built for x86-64 and AArch64"
#endif

// The mask has a zero byte where a feature is required and 0xff everywhere else.
int checkCPUFeatures(const uint8_t *mask) {
    CPUFeatures present;
    determineCPUFeatures(&present);
    const uint8_t *here = (const uint8_t *) &present;
    for (size_t i = 0; i < sizeof present; i++) {
        if ((uint8_t) (mask[i] | here[i]) != 0xff) {
            return 1;
        }
    }
    return 0;
}

void checkCPUFeaturesOrExit(const uint8_t *mask, const char *message) {
    if (checkCPUFeatures(mask)) {
        fputs(message, stderr);
        fputc('\n', stderr);
        exit(1);
    }
}
