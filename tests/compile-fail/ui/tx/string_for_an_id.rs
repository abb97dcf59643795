use instant_compile_fail::blog::tx;

fn main() {
    let _ = tx::posts("67e55044-10b1-426f-9247-bb680e5fe0c8").delete();
}
