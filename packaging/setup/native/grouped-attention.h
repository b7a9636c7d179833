#pragma once

// Catnap's addition to llama.cpp (see docs/adr/012-grouped-attention.md), included by ggml-cpu/ops.cpp.
//
// llama.cpp's CPU attention computes fewer than 64 tokens row by row: for every query head and every cell it turns a row
// of K and of V from F16 into F32 again and calls expf once. In a conversation of 1,500 tokens that is more than half of
// the time of a short message, and a third of that of a generated token. Here all query heads that share a K/V head are
// rows of one small matrix product, so that K and V are turned into F32 once for all of them. It computes in F32, where
// the row by row path adds up V in F16.

// Whether every query head that shares a K/V head can be computed in one tile: see below
static bool ggml_flash_attn_ext_can_group(const ggml_tensor * dst) {
    const ggml_tensor * q    = dst->src[0];
    const ggml_tensor * k    = dst->src[1];
    const ggml_tensor * v    = dst->src[2];
    const ggml_tensor * mask = dst->src[3];

    const bool k_reads = k->type == GGML_TYPE_F32 || ggml_get_type_traits(k->type)->to_float;
    const bool v_reads = v->type == GGML_TYPE_F32 || ggml_get_type_traits(v->type)->to_float;

    return q->type == GGML_TYPE_F32 && k_reads && v_reads && k->ne[2] == v->ne[2] && k->ne[3] == v->ne[3] &&
           (!mask || mask->ne[2] == 1);
}

static inline void ggml_flash_attn_ext_row_to_f32(ggml_type type, const char * x, float * y, int64_t n) {
    if (type == GGML_TYPE_F16) {
        ggml_cpu_fp16_to_fp32((const ggml_fp16_t *) x, y, n);
    } else if (type == GGML_TYPE_F32) {
        memcpy(y, x, n * sizeof(float));
    } else {
        ggml_get_type_traits(type)->to_float(x, y, n);
    }
}

// The scratch of a thread, in floats
static int64_t ggml_flash_attn_ext_grouped_scratch(int64_t DK, int64_t DV) {
    static constexpr int64_t Q_TILE_SZ  = ggml_fa_tile_config::Q;
    static constexpr int64_t KV_TILE_SZ = ggml_fa_tile_config::KV;

    return (Q_TILE_SZ + KV_TILE_SZ)*(DK + DV) + 3*Q_TILE_SZ*KV_TILE_SZ + CACHE_LINE_SIZE_F32;
}

// A row is one token of one query head. Rows are numbered so that all heads that share a K/V head, for one token, follow
// each other: a tile of K and V is then turned into F32 once for all of them, and few tokens (a short message, a token
// that is generated) are computed by the same matrix products as many. K is not transposed: the product is K*Q^T, and
// Q^T is made once per tile of rows.
static void ggml_compute_forward_flash_attn_ext_grouped_rows(
        const ggml_compute_params * params,
        ggml_tensor * dst,
        int64_t ir0, int64_t ir1,
        int64_t ic_start, int64_t ic_end,
        float * partials, int64_t partial_stride) {
    const ggml_tensor * q     = dst->src[0];
    const ggml_tensor * k     = dst->src[1];
    const ggml_tensor * v     = dst->src[2];
    const ggml_tensor * mask  = dst->src[3];
    const ggml_tensor * sinks = dst->src[4];

    GGML_TENSOR_LOCALS(int64_t, neq, q,   ne)
    GGML_TENSOR_LOCALS(size_t,  nbq, q,   nb)
    GGML_TENSOR_LOCALS(int64_t, nek, k,   ne)
    GGML_TENSOR_LOCALS(size_t,  nbk, k,   nb)
    GGML_TENSOR_LOCALS(int64_t, nev, v,   ne)
    GGML_TENSOR_LOCALS(size_t,  nbv, v,   nb)
    GGML_TENSOR_LOCALS(int64_t, ne,  dst, ne)
    GGML_TENSOR_LOCALS(size_t,  nb,  dst, nb)

    const int64_t DK = nek0;
    const int64_t DV = nev0;

    const int64_t n_group = neq2/nek2; // query heads that share a K/V head
    const int64_t rk3     = neq3/nek3;

    float scale         = 1.0f;
    float max_bias      = 0.0f;
    float logit_softcap = 0.0f;

    memcpy(&scale,         (float *) dst->op_params + 0, sizeof(float));
    memcpy(&max_bias,      (float *) dst->op_params + 1, sizeof(float));
    memcpy(&logit_softcap, (float *) dst->op_params + 2, sizeof(float));

    if (logit_softcap != 0) {
        scale /= logit_softcap;
    }

    const uint32_t n_head_log2 = 1u << (uint32_t) floor(log2((double) neq2));

    const float m0 = powf(2.0f, -(max_bias       ) / n_head_log2);
    const float m1 = powf(2.0f, -(max_bias / 2.0f) / n_head_log2);

    static constexpr int Q_TILE_SZ  = ggml_fa_tile_config::Q;
    static constexpr int KV_TILE_SZ = ggml_fa_tile_config::KV;

    float * Qt   = (float *) params->wdata + params->ith*ggml_flash_attn_ext_grouped_scratch(DK, DV); // [DK][rows]
    float * KQt  = Qt   + Q_TILE_SZ*DK;          // [KV_TILE_SZ][rows]
    float * KQ   = KQt  + Q_TILE_SZ*KV_TILE_SZ;  // [rows][KV_TILE_SZ]
    float * bias = KQ   + Q_TILE_SZ*KV_TILE_SZ;  // [tokens][KV_TILE_SZ], the mask
    float * VKQ  = bias + Q_TILE_SZ*KV_TILE_SZ;  // [rows][DV]
    float * V32  = VKQ  + Q_TILE_SZ*DV;          // [KV_TILE_SZ][DV]
    float * K32  = V32  + KV_TILE_SZ*DV;         // [KV_TILE_SZ][DK]

    memset(V32, 0, KV_TILE_SZ * DV * sizeof(float));
    memset(K32, 0, KV_TILE_SZ * DK * sizeof(float));

    int64_t ir = ir0;
    while (ir < ir1) {
        // rows of one K/V head only
        const int64_t group_rows = neq1*n_group;
        const int64_t ig         = ir/group_rows;
        const int64_t iq3        = ig/nek2;
        const int64_t ik2        = ig - iq3*nek2;
        const int64_t ik3        = iq3/rk3;
        const int64_t first      = ir - ig*group_rows;

        const int rows   = (int) std::min<int64_t>(Q_TILE_SZ, std::min(ir1 - ir, group_rows - first));
        const int token0 = (int) (first/n_group);
        const int tokens = (int) ((first + rows - 1)/n_group) - token0 + 1;

#if defined(GGML_SIMD) && !defined(__ARM_FEATURE_SVE) && !defined(__riscv_v_intrinsic)
        // whole vectors of rows
        const int width = (rows + GGML_F32_EPR - 1)/GGML_F32_EPR*GGML_F32_EPR;
#else
        const int width = rows;
#endif

        float S[Q_TILE_SZ];
        float M[Q_TILE_SZ];
        float slope[Q_TILE_SZ];
        int   token[Q_TILE_SZ];
        int   head [Q_TILE_SZ];

        for (int r = 0; r < width; r++) {
            S[r] = 0.0f;
            M[r] = -INFINITY;
            if (r >= rows) {
                for (int64_t d = 0; d < DK; d++) {
                    Qt[d*width + r] = 0.0f;
                }
                continue;
            }
            token[r] = (int) ((first + r)/n_group);
            head [r] = (int) (ik2*n_group + (first + r) % n_group);

            const uint32_t h = head[r];
            slope[r] = (max_bias > 0.0f) ? h < n_head_log2 ? powf(m0, h + 1) : powf(m1, 2*(h - n_head_log2) + 1) : 1.0f;

            const float * pq = (const float *) ((const char *) q->data + token[r]*nbq1 + head[r]*nbq2 + iq3*nbq3);
            for (int64_t d = 0; d < DK; d++) {
                Qt[d*width + r] = pq[d];
            }
        }

        memset(VKQ, 0, rows * DV * sizeof(float));

        for (int64_t ic = ic_start; ic < ic_end; ic += KV_TILE_SZ) {
            const int kv_tile = (int) std::min<int64_t>(KV_TILE_SZ, ic_end - ic);

            if (mask) {
                float highest = -INFINITY;
                for (int t = 0; t < tokens; t++) {
                    const char * pm = (const char *) mask->data + (token0 + t)*mask->nb[1] + (iq3%mask->ne[3])*mask->nb[3];
                    float most;
                    ggml_cpu_fp16_to_fp32((const ggml_fp16_t *) pm + ic, bias + t*KV_TILE_SZ, kv_tile);
                    ggml_vec_max_f32(kv_tile, &most, bias + t*KV_TILE_SZ);
                    highest = MAX(highest, most);
                }
                if (highest == -INFINITY) {
                    continue; // nobody in this tile sees any of it
                }
            }

            const char * pk = (const char *) k->data + ic*nbk1 + ik2*nbk2 + ik3*nbk3;
            const char * pv = (const char *) v->data + ic*nbv1 + ik2*nbv2 + ik3*nbv3;
            for (int i = 0; i < kv_tile; i++) {
                ggml_flash_attn_ext_row_to_f32(k->type, pk + i*nbk1, K32 + i*DK, DK);
                ggml_flash_attn_ext_row_to_f32(v->type, pv + i*nbv1, V32 + i*DV, DV);
            }

            memset(KQt, 0, KV_TILE_SZ * width * sizeof(float));
            simd_gemm(KQt, K32, Qt, KV_TILE_SZ, DK, width);

            for (int r = 0; r < rows; r++) {
                float * kq = KQ + r*KV_TILE_SZ;
                for (int i = 0; i < KV_TILE_SZ; i++) {
                    kq[i] = KQt[i*width + r]*scale;
                }
                if (logit_softcap != 0.0f) {
                    ggml_vec_tanh_f32(KV_TILE_SZ, kq, kq);
                    ggml_vec_scale_f32(KV_TILE_SZ, kq, logit_softcap);
                }
                if (mask) {
                    ggml_vec_mad_f32(kv_tile, kq, bias + (token[r] - token0)*KV_TILE_SZ, slope[r]);
                }
                for (int i = kv_tile; i < KV_TILE_SZ; i++) {
                    kq[i] = -INFINITY;
                }

                float most;
                ggml_vec_max_f32(KV_TILE_SZ, &most, kq);
                if (most == -INFINITY) {
                    memset(kq, 0, KV_TILE_SZ * sizeof(float));
                    continue;
                }
                if (most > M[r]) {
                    const float ms = expf(M[r] - most);
                    ggml_vec_scale_f32(DV, VKQ + r*DV, ms);
                    S[r] *= ms;
                    M[r]  = most;
                }
                S[r] += ggml_vec_soft_max_f32(KV_TILE_SZ, kq, kq, M[r]);
            }

            simd_gemm(VKQ, KQ, V32, rows, KV_TILE_SZ, DV);
        }

        for (int r = 0; r < rows; r++) {
            float * row = VKQ + r*DV;

            // only once, with the first part of K/V
            if (sinks && ic_start == 0) {
                const float s = ((float *) ((char *) sinks->data))[head[r]];
                float ms = 1.0f;
                float vs = 1.0f;
                if (s > M[r]) {
                    ms = expf(M[r] - s);
                    M[r] = s;
                    ggml_vec_scale_f32(DV, row, ms);
                } else {
                    vs = expf(s - M[r]);
                }
                S[r] = S[r]*ms + vs;
            }

            if (partials) {
                float * partial = partials + head[r]*partial_stride;
                partial[0] = M[r];
                partial[1] = S[r];
                memcpy(partial + 2, row, DV * sizeof(float));
            } else {
                ggml_vec_scale_f32(DV, row, S[r] == 0.0f ? 0.0f : 1.0f/S[r]);
                // permute(0, 2, 1, 3)
                memcpy((char *) dst->data + (iq3*ne2*ne1 + head[r] + token[r]*ne1)*nb1, row, nb1);
            }
        }

        ir += rows;
    }
}

// Joins what the threads found in their parts of K/V, each thread for some of the heads
static void ggml_flash_attn_ext_grouped_reduce(
        const ggml_compute_params * params,
        ggml_tensor * dst,
        const float * partials) {
    const int64_t DV  = dst->ne[0];
    const int     nth = params->nth;

    for (int64_t head = params->ith; head < dst->ne[1]; head += nth) {
        const float * first = partials + head*nth*(2 + DV);
        float       * out   = (float *) ((char *) dst->data + head*dst->nb[1]);

        float M = -INFINITY;
        for (int part = 0; part < nth; part++) {
            M = MAX(M, first[part*(2 + DV)]);
        }

        float S = 0.0f;
        memset(out, 0, DV * sizeof(float));
        for (int part = 0; part < nth && M > -INFINITY; part++) {
            const float * found = first + part*(2 + DV);
            const float   ms    = expf(found[0] - M);
            S += found[1]*ms;
            ggml_vec_mad_f32(DV, out, found + 2, ms);
        }
        ggml_vec_scale_f32(DV, out, S == 0.0f ? 0.0f : 1.0f/S);
    }
}

static void ggml_compute_forward_flash_attn_ext_grouped(
        const ggml_compute_params * params,
        ggml_tensor * dst) {
    const ggml_tensor * q = dst->src[0];
    const ggml_tensor * k = dst->src[1];
    const ggml_tensor * v = dst->src[2];

    const int64_t DK   = k->ne[0];
    const int64_t DV   = v->ne[0];
    const int64_t nek1 = k->ne[1];
    const int64_t nr   = q->ne[1]*q->ne[2]*q->ne[3];

    GGML_ASSERT(dst->ne[0] == DV && dst->ne[2] == q->ne[1]);
    GGML_ASSERT(q->ne[0] == DK && q->nb[0] == sizeof(float));
    GGML_ASSERT(k->nb[0] == ggml_type_size(k->type) && v->nb[0] == ggml_type_size(v->type));
    GGML_ASSERT(dst->nb[0] == sizeof(float) && dst->nb[0] <= dst->nb[1] && dst->nb[1] <= dst->nb[2] && dst->nb[2] <= dst->nb[3]);

    const int ith = params->ith;
    const int nth = params->nth;

    if (q->ne[1] == 1 && q->ne[3] == 1 && nek1 >= 512) {
        // one token: each thread takes all heads and a part of K/V
        const int64_t chunk_size      = (nek1 + nth - 1)/nth;
        const int64_t partial_size    = 2 + DV;
        const int64_t partial_stride  = nth*partial_size;
        const int64_t partials_offset = nth*ggml_flash_attn_ext_grouped_scratch(DK, DV);

        float * partials = (float *) params->wdata + partials_offset + ith*partial_size;

        const int64_t ic_start = ith*chunk_size;
        const int64_t ic_end   = std::min(ic_start + chunk_size, nek1);

        if (ic_start < nek1) {
            ggml_compute_forward_flash_attn_ext_grouped_rows(params, dst, 0, nr, ic_start, ic_end, partials, partial_stride);
        } else {
            for (int64_t head = 0; head < nr; head++) {
                partials[head*partial_stride + 0] = -INFINITY; // M
                partials[head*partial_stride + 1] = 0.0f;      // S
            }
        }

        ggml_barrier(params->threadpool);
        ggml_flash_attn_ext_grouped_reduce(params, dst, (const float *) params->wdata + partials_offset);
        return;
    }

    // as many parts as there are threads, four times as many where each still fills a tile
    const int64_t share = (nr + nth - 1)/nth;
    const int64_t part  = std::max<int64_t>((share + 3)/4, std::min<int64_t>(share, ggml_fa_tile_config::Q));
    const int64_t parts = (nr + part - 1)/part;

    if (ith == 0) {
        ggml_threadpool_chunk_set(params->threadpool, nth);
    }

    ggml_barrier(params->threadpool);

    for (int64_t i = ith; i < parts; i = ggml_threadpool_chunk_add(params->threadpool, 1)) {
        ggml_compute_forward_flash_attn_ext_grouped_rows(
            params, dst, i*part, std::min((i + 1)*part, nr), 0, nek1, nullptr, 0);
    }
}
