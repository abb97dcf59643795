use instant_admin::tx::Steps;

fn main() {
    let _ = Steps::collect("delete everything");
}
