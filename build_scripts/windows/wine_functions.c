/* Two functions that the Windows program calls and wine 8 lacks, for check_wine.sh; never shipped.
 *
 *   x86_64-w64-mingw32-gcc -O1 -shared -s -DPRNG -o SYSTEM32/bcryptprimitives.dll \
 *       wine_functions.c -ladvapi32
 *
 * gives pydantic its random numbers. HDF5 asks ucrtbase.dll for feholdexcept: add x_feholdexcept to
 * the stand-in for that library, which forwards the rest to wine's own under the name ucrtbasx.dll. */
#ifdef PRNG

__declspec(dllimport) unsigned char __stdcall SystemFunction036(void *, unsigned long);

__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *data, unsigned long long size)
{
    while (size) {
        unsigned long part = size > 65536 ? 65536 : (unsigned long)size;
        if (!SystemFunction036(data, part)) return 0;
        data += part;
        size -= part;
    }
    return 1;
}

int __stdcall DllMain(void *module, unsigned reason, void *reserved) { return 1; }

#else

__declspec(dllimport) void *__stdcall GetModuleHandleA(const char *);
__declspec(dllimport) void *__stdcall GetProcAddress(void *, const char *);

/* Keeps the environment in the form of wine's own fegetenv, which fesetenv reads; clears the flags
 * and masks the exceptions. */
int x_feholdexcept(void *environment)
{
    int (*get)(void *) =
        (int (*)(void *))GetProcAddress(GetModuleHandleA("ucrtbasx.dll"), "fegetenv");
    unsigned mxcsr;
    if (get(environment)) return 1;
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    mxcsr = (mxcsr & ~0x3fu) | 0x1f80u;
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
    return 0;
}

#endif
