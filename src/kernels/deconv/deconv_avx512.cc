// Transposed convolution with AVX-512 VNNI, by the tiles of convolution.
#include "kernels/deconv/deconv_kernels.h"

#if defined(__x86_64__)

#include "kernels/conv/conv_tiles_avx512.h"
#include "kernels/deconv/deconv_vector.h"

namespace graupel {

const Kernel<DeconvParams> kDeconvAvx512 = {.name = "avx512",
                                            .isa = Isa::kAvx512,
                                            .run = DeconvRow<Avx512>::run,
                                            .accepts = DeconvRow<Avx512>::accepts,
                                            .packed_bytes = DeconvRow<Avx512>::packed_bytes,
                                            .pack = DeconvRow<Avx512>::pack,
                                            .scratch_bytes = DeconvRow<Avx512>::scratch_bytes};

}  // namespace graupel

#endif
