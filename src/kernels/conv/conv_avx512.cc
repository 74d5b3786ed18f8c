// Convolution with AVX-512 VNNI.
#include "kernels/conv/conv_kernels.h"

#if defined(__x86_64__)

#include "kernels/conv/conv_tiles_avx512.h"

namespace graupel {

const Kernel<ConvParams> kConvAvx512 = {.name = "avx512",
                                        .isa = Isa::kAvx512,
                                        .run = ConvRow<Avx512>::run,
                                        .accepts = [](const ConvParams& params) { return is_narrow(params); },
                                        .packed_bytes = ConvRow<Avx512>::packed_bytes,
                                        .pack = ConvRow<Avx512>::pack,
                                        .scratch_bytes = ConvRow<Avx512>::scratch_bytes};

}  // namespace graupel

#endif
